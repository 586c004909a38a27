package io.github.headlock.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.MigrationListener;
import io.github.headlock.actuate.SchemaHealthIndicator;
import io.github.headlock.startup.HeadlockMigrationStrategy;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Migration strategies of the application and of other starters beside Headlock's.
 */
@ExtendWith(OutputCaptureExtension.class)
class OtherStrategyTests {

	private final ApplicationContextRunner h2 = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class,
				HeadlockAutoConfiguration.class, HeadlockHealthAutoConfiguration.class))
		.withPropertyValues("spring.datasource.url=jdbc:h2:mem:strategies;DB_CLOSE_DELAY=-1",
				"spring.flyway.locations=classpath:db/h2");

	@Test
	void itBacksOffFromAStrategyOfTheApplication(CapturedOutput output) {
		this.h2.withUserConfiguration(OwnStrategy.class).run((context) -> {
			assertThat(context).hasSingleBean(FlywayMigrationStrategy.class)
				.doesNotHaveBean(HeadlockMigrationStrategy.class);
			assertThat(context.getBean(SchemaHealthIndicator.class).health(true).getStatus()).isEqualTo(Status.UNKNOWN);
			assertThat(output).contains("Headlock is not active: the application has a migration strategy of its own, "
					+ "the bean \"strategy\"");
		});
	}

	@Test
	void itBacksOffFromAStrategyOfAnotherStarterAndWarns(CapturedOutput output) {
		this.h2.withPropertyValues("spring.datasource.url=jdbc:h2:mem:starter;DB_CLOSE_DELAY=-1")
			.withConfiguration(AutoConfigurations.of(OtherStarterAutoConfiguration.class))
			.run((context) -> {
				assertThat(context).hasSingleBean(FlywayMigrationStrategy.class)
					.doesNotHaveBean(HeadlockMigrationStrategy.class);
				assertThat(context.getBean(Flyway.class).info().applied()).isEmpty();
				assertThat(output).containsPattern("WARN .* Headlock is not active: another starter brings a migration "
						+ "strategy, the bean \"strategyOfStarter\" of ");
			});
	}

	@Test
	void aConditionThatGivesNoReasonIsNoFault() {
		this.h2.withPropertyValues("spring.datasource.url=jdbc:h2:mem:silent;DB_CLOSE_DELAY=-1")
			.withConfiguration(AutoConfigurations.of(SilentAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(HeadlockMigrationStrategy.class));
	}

	@Test
	void aStarterThatIsConsideredEvenLaterIsNamed(CapturedOutput output) {
		ApplicationContextRunner later = this.h2
			.withConfiguration(AutoConfigurations.of(LaterStarterAutoConfiguration.class));
		later.withPropertyValues("spring.datasource.url=jdbc:h2:mem:later;DB_CLOSE_DELAY=-1").run((context) -> {
			assertThat(context).hasSingleBean(FlywayMigrationStrategy.class);
			assertThat(output).containsPattern("WARN .* The migration strategy of "
					+ "\\[.*LaterStarterAutoConfiguration#strategyOfStarter] is not used, because Headlock's takes its "
					+ "place; to use it, set "
					+ "spring.autoconfigure.exclude=io.github.headlock.autoconfigure.HeadlockAutoConfiguration");
		});
		new ApplicationContextRunner().withUserConfiguration(HeadlockAutoConfigurationTests.WholeApplication.class)
			.withConfiguration(AutoConfigurations.of(LaterStarterAutoConfiguration.class))
			.withPropertyValues("spring.datasource.url=jdbc:h2:mem:excluded;DB_CLOSE_DELAY=-1",
					"spring.autoconfigure.exclude=" + HeadlockAutoConfiguration.class.getName())
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(Late.class);
				assertThat(context.getBean(Flyway.class).info().applied()).isEmpty();
			});
	}

	@Test
	void nothingIsSaidOfOtherStartersWhereThereAreNone(CapturedOutput output) {
		this.h2.run((parent) -> {
			this.h2.withParent(parent).run((child) -> assertThat(child).hasNotFailed());
			assertThat(output).doesNotContain("takes its place");
		});
	}

	@Test
	void aListenerIsToldThatAnotherStrategyFails() {
		RuntimeException failure = new IllegalStateException("on purpose");
		List<RuntimeException> told = new ArrayList<>();
		this.h2.withBean(MigrationListener.class, () -> new MigrationListener() {

			@Override
			public void failed(RuntimeException ex, Duration took) {
				told.add(ex);
			}

		})
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor((beans) -> ((BeanDefinitionRegistry) beans)
						.registerBeanDefinition("late", new RootBeanDefinition(FlywayMigrationStrategy.class, () -> {
							return (flyway) -> {
								throw failure;
							};
						}))))
			.run((context) -> {
				assertThat(context).hasFailed();
				assertThat(told).containsExactly(failure);
			});
	}

	@Test
	void itGivesWayToAStrategyThatIsRegisteredAfterConditionsWereDecided(CapturedOutput output) {
		this.h2.withInitializer(
				(context) -> context.addBeanFactoryPostProcessor((beans) -> ((BeanDefinitionRegistry) beans)
					.registerBeanDefinition("late", new RootBeanDefinition(Late.class))))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(Flyway.class).info().applied()).isEmpty();
				assertThat(output)
					.containsPattern("WARN .* Headlock is not active: the migration strategy .*Late migrates");
			});
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnStrategy {

		@Bean
		FlywayMigrationStrategy strategy() {
			return new FlywayMigrationStrategy() {

				@Override
				public void migrate(Flyway flyway) {
					flyway.migrate();
				}

			};
		}

	}

	static class Late implements FlywayMigrationStrategy {

		@Override
		public void migrate(Flyway flyway) {
		}

	}

	/** Considered after Headlock's, were it only for the names. */
	@AutoConfiguration(after = FlywayAutoConfiguration.class)
	static class OtherStarterAutoConfiguration {

		@Bean
		@ConditionalOnMissingBean
		FlywayMigrationStrategy strategyOfStarter() {
			return new Late();
		}

	}

	@AutoConfiguration(after = HeadlockAutoConfiguration.class)
	static class LaterStarterAutoConfiguration {

		@Bean
		@ConditionalOnMissingBean(FlywayMigrationStrategy.class)
		Late strategyOfStarter() {
			return new Late();
		}

	}

	@AutoConfiguration
	@Conditional(Silent.class)
	static class SilentAutoConfiguration {

	}

	static class Silent extends SpringBootCondition {

		@Override
		public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
			return new ConditionOutcome(false, "");
		}

	}

}
