package io.github.headlock.deploy;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import io.github.headlock.autoconfigure.BackgroundProperties;
import io.github.headlock.autoconfigure.HeadlockProperties;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EnvVar;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.support.SpringApplicationJsonEnvironmentPostProcessor;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * What the application in a container makes of its environment: the variables as
 * Kubernetes puts them together, bound as Spring Boot binds them.
 */
final class ApplicationView {

	private final StandardEnvironment environment = new StandardEnvironment();

	private ApplicationView(Map<String, Object> variables) {
		String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
		this.environment.getPropertySources().remove(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);
		this.environment.getPropertySources().replace(name, new SystemEnvironmentPropertySource(name, variables));
		new SpringApplicationJsonEnvironmentPostProcessor().postProcessEnvironment(this.environment,
				new SpringApplication());
	}

	static ApplicationView of(V1Container container) {
		return of(container, Map.of());
	}

	/** With this environment, and nothing else. */
	static ApplicationView of(Map<String, String> environment) {
		return new ApplicationView(new LinkedHashMap<>(environment));
	}

	/**
	 * Looks from inside a container.
	 * @param container the container
	 * @param envFrom what the sources of its "envFrom" hold
	 */
	static ApplicationView of(V1Container container, Map<String, String> envFrom) {
		Map<String, Object> variables = new LinkedHashMap<>(envFrom);
		for (V1EnvVar variable : container.getEnv()) {
			variables.put(variable.getName(), (variable.getValue() != null) ? variable.getValue() : "from elsewhere");
		}
		return new ApplicationView(variables);
	}

	HeadlockProperties headlock() {
		return Binder.get(this.environment).bindOrCreate("headlock", HeadlockProperties.class);
	}

	boolean migrates() {
		return headlock().isEnabled() && !headlock().isSkipMigrations() && is("spring.flyway.enabled");
	}

	boolean endsAfterwards() {
		return headlock().isExitAfterMigration();
	}

	Duration lockTimeout() {
		return headlock().getLock().getTimeout();
	}

	Duration schemaWaitTimeout() {
		return headlock().getSchemaWaitTimeout();
	}

	/** For how long it finishes background migrations, zero for not at all. */
	Duration finishesWithin() {
		BackgroundProperties background = headlock().getBackground();
		return (background.isFinish() && background.getFinishTimeout() != null) ? background.getFinishTimeout()
				: Duration.ZERO;
	}

	Duration shutdown() {
		return Binder.get(this.environment).bind("spring.lifecycle.timeout-per-shutdown-phase", Duration.class).get();
	}

	/** Returns the text of a property. */
	String property(String name) {
		return Binder.get(this.environment).bind(name, String.class).get();
	}

	private boolean is(String property) {
		return Binder.get(this.environment).bind(property, Boolean.class).get();
	}

}
