package io.github.headlock.test;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import io.github.headlock.testbed.PostgresServer;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * A test that cannot work with PostgreSQL in a container. There it counts as skipped,
 * with the reason; with the embedded server it always runs.
 */
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NotInContainer.Condition.class)
public @interface NotInContainer {

	/** Why not: what the test needs that a container does not give. */
	String value();

	/** Skips the test where PostgreSQL runs in a container. */
	class Condition implements ExecutionCondition {

		@Override
		public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
			if (!PostgresServer.inContainer()) {
				return ConditionEvaluationResult.enabled("PostgreSQL is embedded");
			}
			return AnnotationSupport.findAnnotation(context.getElement(), NotInContainer.class)
				.map((found) -> ConditionEvaluationResult.disabled("not run in a container: " + found.value()))
				.orElseGet(() -> ConditionEvaluationResult.enabled("another test of the class"));
		}

	}

}
