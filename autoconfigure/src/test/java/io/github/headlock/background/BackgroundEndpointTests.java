package io.github.headlock.background;

import java.nio.file.Path;
import java.security.Principal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

import javax.sql.DataSource;

import io.github.headlock.actuate.HeadlockBackgroundEndpoint;
import io.github.headlock.actuate.HeadlockBackgroundEndpointWebExtension;
import io.github.headlock.actuate.HeadlockEndpoint;
import io.github.headlock.actuate.SchemaHealthIndicator;
import io.github.headlock.autoconfigure.HeadlockBackgroundEndpointAutoConfiguration;
import io.github.headlock.autoconfigure.HeadlockEndpointAutoConfiguration;
import io.github.headlock.jdbc.ApplicationName;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DelegatingDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Background migrations in the two endpoints, and not in health.
 */
@Tag("every-version")
class BackgroundEndpointTests {

	private static final String TABLE = "flyway_schema_history_background";

	private final TestDatabase database = TestDatabase.create();

	private final Releases releases;

	BackgroundEndpointTests(@TempDir Path folder) throws Exception {
		this.releases = new Releases(this.database, folder);
	}

	@BeforeEach
	void installTheFirstTwoReleases() {
		this.releases.idle().startAndStop();
		this.releases.insert(1, 100);
		this.releases.second().idle().startAndStop();
	}

	private Replica replica() {
		return exposed(this.releases.idle());
	}

	private static Replica exposed(Replica replica) {
		return replica.with(Endpoints.class)
			.with("management.endpoints.web.exposure.include", "headlock,headlockbackground")
			.with("management.endpoint.headlockbackground.access", "unrestricted");
	}

	/** What it tells once the database has answered, which may be late. */
	private static HeadlockEndpoint.Description describe(ConfigurableApplicationContext context) {
		return await().until(context.getBean(HeadlockEndpoint.class)::describe,
				(seen) -> !seen.status().state().equals("UNKNOWN"));
	}

	@Test
	void theEndpointShowsThem() {
		this.database.execute("UPDATE %s SET rows_estimated = 100, seen_in_pass = 71, rows_seen = 71".formatted(TABLE));
		try (ConfigurableApplicationContext context = replica().start()) {
			HeadlockEndpoint.Description description = describe(context);
			assertThat(description.problem()).isNull();
			assertThat(description.background()).singleElement().satisfies((background) -> {
				assertThat(background.name()).isEqualTo("backfill");
				assertThat(background.state()).isEqualTo("running");
				assertThat(background.since()).isEqualTo("2");
				assertThat(background.declared()).isTrue();
				assertThat(background.percent()).isEqualTo(71);
				assertThat(background.rowsSeen()).isEqualTo(71);
				assertThat(background.updatedBy()).isEqualTo(ApplicationName.ofThisProcess());
			});
		}
	}

	/** And those of a release that was rolled back. */
	@Test
	void aReleaseThatDeclaresNoneShowsThoseOfTheDatabase() {
		this.releases.background.delete("backfill.sql");
		try (ConfigurableApplicationContext context = replica().start()) {
			assertThat(describe(context).background()).singleElement()
				.satisfies((background) -> assertThat(background.declared()).isFalse());
			this.database.execute("DROP TABLE %1$s, %1$s_batch".formatted(TABLE));
			assertThat(describe(context).background()).isEmpty();
			assertThat(describe(context).problem()).isNull();
		}
	}

	@Test
	void whoMayNotReadThemSeesTheRestAndTheGrant() throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		this.database.execute("GRANT SELECT ON flyway_schema_history TO " + roles.application());
		Replica replica = exposed(this.releases.idle()).with("spring.datasource.username", roles.application())
			.with("headlock.skip-migrations", true);
		try (ConfigurableApplicationContext context = replica.start()) {
			HeadlockEndpoint.Description description = describe(context);
			assertThat(description.status().state()).isEqualTo("AT_HEAD");
			assertThat(description.background()).singleElement()
				.satisfies((background) -> assertThat(background.state()).isEqualTo("unknown"));
			String problem = String.valueOf(description.problem());
			assertThat(problem).contains("GRANT SELECT ON ");
			this.database.execute(problem.substring(problem.indexOf("GRANT")));
			assertThat(describe(context).problem()).isNull();
			assertThat(describe(context).background().get(0).state()).isEqualTo("running");
		}
	}

	@Test
	void aTableThatIsLockedHidesNothingElse() throws Exception {
		try (ConfigurableApplicationContext context = replica().start();
				Connection blocker = this.database.inTransaction("LOCK TABLE " + TABLE)) {
			HeadlockEndpoint.Description description = describe(context);
			assertThat(description.status().state()).isEqualTo("AT_HEAD");
			assertThat(description.background()).singleElement()
				.satisfies((background) -> assertThat(background.state()).isEqualTo("unknown"));
			assertThat(description.problem()).startsWith("The background migrations cannot be read: ");
			blocker.rollback();
		}
	}

	@Test
	void healthDoesNotKnowOfThem() {
		try (ConfigurableApplicationContext context = replica().start()) {
			SchemaHealthIndicator indicator = context.getBean(SchemaHealthIndicator.class);
			Health before = await().until(indicator::health, (health) -> health.getStatus().equals(Status.UP));
			this.database.execute("UPDATE %s SET state = 'failed', last_error = 'no'".formatted(TABLE));
			assertThat(describe(context).background().get(0).state()).isEqualTo("failed");
			Health after = await().until(indicator::health, (health) -> health.getStatus().equals(Status.UP));
			assertThat(after).isEqualTo(before);
		}
	}

	@Test
	void nobodyHasAccessByDefault() {
		Replica replica = this.releases.idle()
			.with(Endpoints.class)
			.with("management.endpoints.web.exposure.include", "*");
		try (ConfigurableApplicationContext context = replica.start()) {
			assertThat(context.getBeansOfType(HeadlockEndpoint.class)).hasSize(1);
			assertThat(context.getBeansOfType(HeadlockBackgroundEndpoint.class)).isEmpty();
			assertThat(context.getBeansOfType(HeadlockBackgroundEndpointWebExtension.class)).isEmpty();
		}
	}

	@Test
	void actionsAreAnsweredWithTheStatusesOfHttp() {
		try (ConfigurableApplicationContext context = replica().start()) {
			assertThat(act(context, "backfill", "pause").getStatus()).isEqualTo(200);
			assertThat(this.releases.state()).isEqualTo("paused");
			assertThat(this.database.value("SELECT updated_by FROM " + TABLE))
				.isEqualTo("alice via " + ApplicationName.ofThisProcess());
			assertProblem(act(context, "backfill", "pause"), 409,
					"pause is for a background migration that is running; \"backfill\" is paused");
			assertProblem(act(context, "backfil", "pause"), 404, "There is no background migration \"backfil\": this "
					+ "release does not declare it, and the database does not know it");
			String actions = "The action must be one of pause, resume, retry, finalize, try";
			assertProblem(act(context, "backfill", "stop"), 400, actions);
			assertProblem(act(context, "backfill", null), 400, actions);
			WebEndpointResponse<Object> trial = act(context, "backfill", "try");
			assertThat(trial.getStatus()).isEqualTo(200);
			assertThat(trial.getBody()).isInstanceOfSatisfying(HeadlockBackgroundEndpoint.Result.class, (result) -> {
				assertThat(result.trial()).isNotNull();
				assertThat(result.trial().changed()).isEqualTo(100);
				assertThat(result.migration().state()).isEqualTo("paused");
			});
			this.database.execute("ALTER TABLE %s RENAME COLUMN full_speed TO gone".formatted(TABLE));
			assertThat(act(context, "backfill", "resume").getStatus()).isEqualTo(500);
		}
	}

	private static WebEndpointResponse<Object> act(ConfigurableApplicationContext context, String name, String action) {
		Principal alice = () -> "alice";
		return context.getBean(HeadlockBackgroundEndpointWebExtension.class).act(new SecurityContext() {

			@Override
			public Principal getPrincipal() {
				return alice;
			}

			@Override
			public boolean isUserInRole(String role) {
				return false;
			}

		}, name, action);
	}

	private static void assertProblem(WebEndpointResponse<Object> response, int status, String problem) {
		assertThat(response.getBody()).isEqualTo(Map.of("problem", problem));
		assertThat(response.getStatus()).isEqualTo(status);
	}

	@Test
	void elsewhereWhatIsNotDoneFails() throws Exception {
		try (ConfigurableApplicationContext context = replica().start()) {
			HeadlockBackgroundEndpoint endpoint = context.getBean(HeadlockBackgroundEndpoint.class);
			assertThat(endpoint.act("backfill", "finalize").migration().fullSpeed()).isTrue();
			assertThatThrownBy(() -> endpoint.act("backfill", "resume")).isInstanceOf(BackgroundActionException.class)
				.hasMessageEndingWith("\"backfill\" is running");
			assertThatThrownBy(() -> endpoint.act("backfill", "stop"))
				.isInstanceOf(InvalidEndpointRequestException.class);
			HeadlockBackgroundEndpoint.Description description = await().until(endpoint::describe,
					(seen) -> seen.problem() == null);
			assertThat(description.background()).hasSize(1).isEqualTo(describe(context).background());
		}
	}

	@Test
	void whereNothingIsManagedNothingIsFound() throws Exception {
		try (ConfigurableApplicationContext context = replica().with("headlock.enabled", false).start()) {
			assertThat(context.getBean(HeadlockBackgroundEndpoint.class).describe()).isNull();
			assertProblem(act(context, "backfill", "pause"), 404, "Headlock manages no schema in this process");
		}
	}

	/** As where the tenant of a request decides which database it is. */
	@Test
	void aDataSourceThatFindsNoDatabaseIsNotAnUnknownName() {
		Replica replica = exposed(this.releases.idle().with(NowhereForRequests.class));
		try (ConfigurableApplicationContext context = replica.start()) {
			NowhereForRequests.nowhere = true;
			assertProblem(act(context, "backfill", "pause"), 500,
					"The database cannot be reached: Cannot determine target DataSource for lookup key [null]");
		}
		finally {
			NowhereForRequests.nowhere = false;
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class NowhereForRequests {

		private static volatile boolean nowhere;

		@Bean
		static BeanPostProcessor nowhereForRequests() {
			return new BeanPostProcessor() {

				@Override
				public Object postProcessAfterInitialization(Object bean, String name) {
					return (bean instanceof DataSource source) ? new DelegatingDataSource(source) {

						@Override
						public Connection getConnection() throws SQLException {
							if (nowhere) {
								throw new IllegalStateException(
										"Cannot determine target DataSource for lookup key [null]");
							}
							return super.getConnection();
						}

						@Override
						public <T> T unwrap(Class<T> type) throws SQLException {
							throw new SQLException("Not a wrapper");
						}

						@Override
						public boolean isWrapperFor(Class<?> type) {
							return false;
						}

					} : bean;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ HeadlockEndpointAutoConfiguration.class,
			HeadlockBackgroundEndpointAutoConfiguration.class })
	static class Endpoints {

	}

}
