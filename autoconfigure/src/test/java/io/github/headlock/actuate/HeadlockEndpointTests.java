package io.github.headlock.actuate;

import java.sql.Connection;
import java.util.List;

import com.zaxxer.hikari.HikariDataSource;
import io.github.headlock.autoconfigure.HeadlockEndpointAutoConfiguration;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.test.Background;
import io.github.headlock.test.Meters;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.OperationType;
import org.springframework.boot.actuate.endpoint.invoke.convert.ConversionServiceParameterValueMapper;
import org.springframework.boot.actuate.endpoint.web.EndpointMediaTypes;
import org.springframework.boot.actuate.endpoint.web.WebEndpointHttpMethod;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpointDiscoverer;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What the endpoint tells of a real start.
 */
class HeadlockEndpointTests {

	private static final HistoryTable HISTORY = new HistoryTable("public", "flyway_schema_history");

	private final TestDatabase database = TestDatabase.create();

	@Tag("every-version")
	@Test
	void theEndpointShowsTheStartTheLockAndTheGuards() throws Exception {
		Replica replica = Replica.of(this.database.url(), "basic")
			.with(Endpoints.class)
			.with("management.endpoints.web.exposure.include", "headlock")
			.with("headlock.minimum-schema-version", "1")
			.with("headlock.required-stops[0].schema-version", "2")
			.with("headlock.required-stops[0].release", "2.0");
		try (ConfigurableApplicationContext context = replica.start();
				Connection holder = this.database.hold(String.valueOf(HISTORY.lockKey()))) {
			HeadlockEndpoint.Description description = describe(context);
			assertThat(description.schema()).isEqualTo("public");
			assertThat(description.status()).isEqualTo(new HeadlockEndpoint.Schema("AT_HEAD", "3", "3", 0, null));
			assertThat(description.start().outcome()).isEqualTo("migrated");
			assertThat(description.start().migrations()).isEqualTo(3);
			assertThat(description.start().held()).isPositive().isLessThanOrEqualTo(description.start().took());
			assertThat(description.lock().key()).isEqualTo(HISTORY.lockKey());
			assertThat(description.lock().holder()).isNotNull();
			assertThat(description.lock().holder().role()).isEqualTo("postgres");
			assertThat(description.lock().holder().applicationName()).isEqualTo("holder");
			assertThat(description.blockedRoles()).isEmpty();
			assertThat(description.guards().minimumSchemaVersion()).isEqualTo("1");
			assertThat(description.guards().requiredStops())
				.containsExactly(new HeadlockEndpoint.Stop("2", "2.0", null));
		}
	}

	@Test
	void theEndpointShowsTheBlockedRoles() throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		Replica watching = roles.replica(this.database.url(), "none")
			.with("spring.datasource.username", "postgres")
			.with(Endpoints.class)
			.with("management.endpoints.web.exposure.include", "headlock")
			.with("headlock.skip-migrations", true);
		try (ConfigurableApplicationContext context = watching.start(); Connection gate = this.database.gate()) {
			Background<?> migrating = Background
				.start(() -> roles.blockingReplica(this.database.url(), "gated").startAndStop());
			this.database.awaitMigrationAtTheGate();
			HeadlockEndpoint.Description description = describe(context);
			assertThat(description.blockedRoles()).containsExactly(roles.application());
			gate.rollback();
			migrating.result();
		}
	}

	@Test
	void whoMayReadTheHistorySeesTheBlockedRoles() throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		String reader = "reader_" + this.database.name();
		Replica migrating = roles.blockingReplica(this.database.url(), "gated");
		this.database.execute("CREATE ROLE %s LOGIN".formatted(reader),
				"ALTER DEFAULT PRIVILEGES FOR ROLE %s GRANT SELECT ON TABLES TO %s".formatted(roles.migrator(),
						reader));
		Replica watching = Replica.of(this.database.url(), "none")
			.with("spring.datasource.username", reader)
			.with(Endpoints.class)
			.with(Meters.class)
			.with("management.endpoints.web.exposure.include", "headlock")
			.with("headlock.skip-migrations", true)
			.with("headlock.on-schema-behind", "report");
		try (ConfigurableApplicationContext context = watching.start(); Connection gate = this.database.gate()) {
			Gauge blocked = context.getBean(MeterRegistry.class).get("headlock.roles.blocked").gauge();
			assertThat(blocked.value()).isZero();
			Background<?> start = Background.start(migrating::startAndStop);
			this.database.awaitMigrationAtTheGate();
			HeadlockEndpoint.Description description = describe(context);
			assertThat(description.blockedRoles()).containsExactly(roles.application());
			assertThat(description.problem()).isNull();
			assertThat(context.getBean(SchemaHealthIndicator.class).health().getDetails()).containsEntry("blockedRoles",
					List.of(roles.application()));
			await().untilAsserted(() -> assertThat(blocked.value()).isEqualTo(1));
			gate.rollback();
			start.result();
			assertThat(context.getBean(SchemaHealthIndicator.class).health().getDetails())
				.doesNotContainKey("blockedRoles");
			await().untilAsserted(() -> assertThat(blocked.value()).isZero());
		}
	}

	@Test
	void theEndpointShowsThatThePoolIsExhausted() throws Exception {
		Replica replica = Replica.of(this.database.url(), "basic")
			.with(Endpoints.class)
			.with("management.endpoints.web.exposure.include", "headlock")
			.with("spring.datasource.hikari.maximum-pool-size", 1)
			.with("spring.datasource.hikari.connection-timeout", "600000");
		try (ConfigurableApplicationContext context = replica.start();
				Connection onlyOne = context.getBean(HikariDataSource.class).getConnection()) {
			HeadlockEndpoint endpoint = context.getBean(HeadlockEndpoint.class);
			HeadlockEndpoint.Description description = Background.start(endpoint::describe).result();
			assertThat(onlyOne.isClosed()).isFalse();
			assertThat(description.problem()).isEqualTo("The database did not answer within 1800 ms");
			assertThat(description.status().state()).isEqualTo("UNKNOWN");
			assertThat(description.start().outcome()).isEqualTo("migrated");
		}
	}

	@Test
	void thereIsNoEndpointUnlessItIsExposed() {
		try (ConfigurableApplicationContext context = Replica.of(this.database.url(), "basic")
			.with(Endpoints.class)
			.start()) {
			assertThat(context.getBeansOfType(HeadlockEndpoint.class)).isEmpty();
		}
	}

	@Test
	void itsOnlyOperationIsAGetThatWritesNothing() {
		Replica replica = Replica.of(this.database.url(), "basic")
			.with(Endpoints.class)
			.with("management.endpoints.web.exposure.include", "headlock");
		try (ConfigurableApplicationContext context = replica.start()) {
			assertThat(new WebEndpointDiscoverer(context, new ConversionServiceParameterValueMapper(),
					EndpointMediaTypes.DEFAULT, List.of(), List.of(), List.of(), List.of(), List.of())
				.getEndpoints()).singleElement().satisfies((endpoint) -> {
					assertThat(endpoint.getEndpointId()).isEqualTo(EndpointId.of("headlock"));
					assertThat(endpoint.getOperations()).singleElement().satisfies((operation) -> {
						assertThat(operation.getType()).isEqualTo(OperationType.READ);
						assertThat(operation.getRequestPredicate().getHttpMethod())
							.isEqualTo(WebEndpointHttpMethod.GET);
					});
				});
			String before = nextTransaction();
			assertThat(describe(context).status().state()).isEqualTo("AT_HEAD");
			assertThat(nextTransaction()).as("nothing was written").isEqualTo(before);
		}
	}

	/** Grows with every transaction that writes anything, on the whole server. */
	private String nextTransaction() {
		return this.database.value("SELECT pg_snapshot_xmax(pg_current_snapshot())");
	}

	/** What it tells once the database has answered, which may be late. */
	private static HeadlockEndpoint.Description describe(ConfigurableApplicationContext context) {
		return await().until(context.getBean(HeadlockEndpoint.class)::describe,
				(seen) -> seen.problem() == null && !seen.status().state().equals("UNKNOWN"));
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(HeadlockEndpointAutoConfiguration.class)
	static class Endpoints {

	}

}
