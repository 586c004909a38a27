package io.github.headlock.security;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Arrays;
import java.util.stream.Stream;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.actuate.HeadlockEndpoint;
import io.github.headlock.actuate.SchemaHealthIndicator;
import io.github.headlock.autoconfigure.HeadlockEndpointAutoConfiguration;
import io.github.headlock.roles.BlockMode;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.MigrationRoles;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Schema, history table and role with names that nobody would choose, through everything
 * that happens to them.
 */
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
class HostileNamesTests {

	private static final int MAX_BYTES = 63;

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	HostileNamesTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int); SELECT pg_advisory_xact_lock(1, 1)");
	}

	static Stream<Arguments> names() {
		return Stream
			.of("it's \"own\"; DROP TABLE a; --", "Upper 50% %s %1$s \\ \\' $$", "ünï 表 ✓ 😀", "${nobody} #{nothing}",
					"x".repeat(MAX_BYTES), "two\nlines ERROR forged")
			.flatMap((name) -> Arrays.stream(BlockMode.values()).map((blockWith) -> Arguments.of(name, blockWith)));
	}

	@ParameterizedTest
	@MethodSource("names")
	void namesArePassedOnAsTheyAre(String name, BlockMode blockWith, CapturedOutput output) throws Exception {
		// a role belongs to the whole server
		TestRoles roles = TestRoles.create(this.database, cut(this.database.name() + " " + name, MAX_BYTES));
		this.database.execute("REVOKE CONNECT ON DATABASE %s FROM PUBLIC".formatted(this.database.name()),
				"GRANT CONNECT ON DATABASE %s TO %s".formatted(this.database.name(),
						MigrationRoles.quoted(roles.application())),
				"CREATE TABLE a (bystander int)");
		Replica replica = replica(name, roles, blockWith);
		Replica watcher = replica(name, roles, blockWith).with("spring.datasource.username", "postgres")
			.with("headlock.skip-migrations", true);
		try (Connection session = roles.connect();
				ConfigurableApplicationContext watching = watcher.start();
				Connection gate = this.database.gate()) {
			Background<MigrationReport> migrating = Background.start(replica::startAndStop);
			this.database.awaitMigrationAtTheGate();
			assertThat(session.isValid(0)).isFalse();
			HeadlockEndpoint endpoint = watching.getBean(HeadlockEndpoint.class);
			assertThat(await().until(endpoint::describe, (seen) -> seen.problem() == null)).satisfies((seen) -> {
				assertThat(seen.schema()).isEqualTo(schema(name));
				assertThat(seen.lock().holder()).isNotNull();
				assertThat(seen.blockedRoles()).containsExactly(roles.application().replace('\n', '?'));
			});
			Background<MigrationReport> waiting = Background.start(replica::startAndStop);
			await().until(() -> output.getOut().contains("Waiting for the migration lock of "));
			gate.rollback();
			assertThat(migrating.result()).extracting(MigrationReport::outcome, MigrationReport::terminatedSessions)
				.containsExactly(MigrationOutcome.MIGRATED, 1);
			assertThat(waiting.result().outcome()).isEqualTo(MigrationOutcome.WAITED);
			SchemaHealthIndicator health = watching.getBean(SchemaHealthIndicator.class);
			await().until(() -> health.health().getStatus().equals(Status.UP));
		}
		assertThat(replica.startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
		roles.connect().close();
		assertThat(roles.isRecorded()).isFalse();
		assertThat(this.database.advisoryLocks()).isZero();
		assertThat(this.database.list("SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
				+ "WHERE relname::text = ?", table(name)))
			.containsExactly(schema(name));
		assertThat(this.database
			.list("SELECT attname FROM pg_attribute WHERE attrelid = 'public.a'::regclass " + "AND attnum > 0"))
			.containsExactly("bystander");
		assertThat(output.getOut().lines()).noneMatch((line) -> line.startsWith("lines ERROR forged"));
	}

	private Replica replica(String name, TestRoles roles, BlockMode blockWith) {
		return roles.blockingReplica(this.database.url(), "none")
			.with("spring.datasource.username", escape(roles.application()))
			.with("headlock.sessions.roles[0]", escape(roles.application()))
			.with("headlock.sessions.block-with", blockWith)
			.with("spring.flyway.locations", this.migrations.location())
			.with("spring.flyway.schemas[0]", schema(name))
			.with("spring.flyway.table", table(name))
			.with("headlock.required-stops[0].schema-version", "1")
			.with("headlock.required-stops[0].release", "1.0")
			.with("management.endpoints.web.exposure.include", "headlock")
			.with(Endpoints.class);
	}

	/** Flyway itself takes this for a placeholder, wherever it stands. */
	private static String schema(String name) {
		return name.replace("${", "$ {").replace('\n', ' ');
	}

	/** Flyway itself knows no double quote in this name, and adds three bytes to it. */
	private static String table(String name) {
		return cut(schema(name).replace('"', '\''), MAX_BYTES - 3);
	}

	/** For Spring, which would replace a placeholder. */
	private static String escape(String value) {
		return value.replace("${", "\\${");
	}

	private static String cut(String name, int bytes) {
		String cut = name;
		while (cut.getBytes(StandardCharsets.UTF_8).length > bytes) {
			cut = cut.substring(0, cut.length() - 1);
		}
		return cut;
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(HeadlockEndpointAutoConfiguration.class)
	static class Endpoints {

	}

}
