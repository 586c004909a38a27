package io.github.headlock.actuate;

import java.util.UUID;

import io.github.headlock.autoconfigure.HeadlockHealthAutoConfiguration;
import io.github.headlock.test.TestDatabase;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.HttpCodeStatusMapper;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A health group that names the schema, where Headlock takes no part.
 */
class HealthGroupTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withUserConfiguration(WholeApplication.class)
		.withPropertyValues("spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID(),
				"spring.flyway.locations=classpath:db/h2", "management.endpoint.health.group.startup.include=schema");

	@ParameterizedTest
	@ValueSource(strings = { "headlock.enabled=false", "spring.flyway.enabled=false",
			"management.health.defaults.enabled=false", "management.health.schema.enabled=false" })
	void theApplicationStartsAndItIsUnknownWithHttp200(String property) {
		assertUnknown(this.runner.withPropertyValues(property));
	}

	@Test
	void theApplicationStartsWithAStrategyOfItsOwn() {
		assertUnknown(this.runner.withUserConfiguration(OwnStrategy.class));
	}

	@Test
	void theApplicationStartsWithoutFlyway() {
		assertUnknown(this.runner.withClassLoader(new FilteredClassLoader(Flyway.class)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "management.health.defaults.enabled", "management.health.schema.enabled" })
	void whereItIsTurnedOffTheReasonNamesThePropertyAndTheDatabaseIsNotAsked(String property) {
		TestDatabase database = TestDatabase.create();
		onPostgreSql(database).withPropertyValues(property + "=false").run((context) -> {
			assertThat(context).hasNotFailed();
			database.execute("DELETE FROM flyway_schema_history");
			assertThat(context.getBean(SchemaHealthIndicator.class).health(true))
				.satisfies((health) -> assertThat(health.getStatus()).isEqualTo(Status.UNKNOWN))
				.satisfies((health) -> assertThat(health.getDetails()).containsOnlyKeys("reason")
					.containsEntry("reason", "It is not checked, because " + property + "=false is set"));
		});
	}

	@Test
	void theSchemasOwnPropertyComesBeforeTheDefault() {
		onPostgreSql(TestDatabase.create())
			.withPropertyValues("management.health.defaults.enabled=false", "management.health.schema.enabled=true")
			.run((context) -> assertThat(context.getBean(SchemaHealthIndicator.class).health(true).getStatus())
				.isEqualTo(Status.UP));
	}

	private ApplicationContextRunner onPostgreSql(TestDatabase database) {
		return this.runner.withPropertyValues("spring.datasource.url=" + database.url(),
				"spring.datasource.username=postgres", "spring.flyway.locations=classpath:db/basic");
	}

	private static void assertUnknown(ApplicationContextRunner runner) {
		runner.run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(HeadlockHealthAutoConfiguration.class);
			HealthEndpoint endpoint = context.getBean(HealthEndpoint.class);
			assertThat(endpoint.healthForPath("startup").getStatus()).isEqualTo(Status.UNKNOWN);
			assertThat(context.getBean(HttpCodeStatusMapper.class).getStatusCode(Status.UNKNOWN)).isEqualTo(200);
		});
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class WholeApplication {

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnStrategy {

		@Bean
		FlywayMigrationStrategy strategy() {
			return (flyway) -> flyway.migrate();
		}

	}

}
