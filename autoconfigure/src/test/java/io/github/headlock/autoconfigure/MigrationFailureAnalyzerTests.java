package io.github.headlock.autoconfigure;

import java.time.Duration;
import java.util.List;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.flyway.MigrationBlockedException;
import io.github.headlock.jdbc.DatabaseSession;
import io.github.headlock.schema.FailedMigrationException;
import io.github.headlock.schema.FailedMigrationException.FailedRow;
import org.junit.jupiter.api.Test;

import static io.github.headlock.autoconfigure.ExpectedAnalysis.assertAnalysis;

/**
 * What an operator reads of a migration that failed.
 */
class MigrationFailureAnalyzerTests {

	private static final String TABLE = "\"public\".\"flyway_schema_history\"";

	private static final FailedRow FAILED = new FailedRow("42", "index");

	@Test
	void failedMigration() {
		assertAnalysis(
				new FailedMigrationException(TABLE,
						new SchemaStatus(SchemaState.FAILED, "42", "42", 0, "version 42 (index) failed"),
						List.of(FAILED), List.of()),
				1, """
						The history table "public"."flyway_schema_history": version 42 (index) failed. \
						Nothing was changed.""", """
						Remove what the failed migration left behind, then run DELETE FROM \
						"public"."flyway_schema_history" WHERE NOT success AND version = '42'; and start again.""");
	}

	@Test
	void failedMigrationThatLeftIndexesBehind() {
		assertAnalysis(
				new FailedMigrationException(TABLE,
						new SchemaStatus(SchemaState.FAILED, "42", "42", 0, "version 42 (index) failed"),
						List.of(FAILED), List.of("public.a", "public.b")),
				1, """
						The history table "public"."flyway_schema_history": version 42 (index) failed. \
						Nothing was changed.""",
				"""
						Remove what the failed migration left behind (INVALID indexes: DROP INDEX CONCURRENTLY public.a; \
						DROP INDEX CONCURRENTLY public.b), then run DELETE FROM \
						"public"."flyway_schema_history" WHERE NOT success AND version = '42'; and start again.""");
	}

	@Test
	void severalFailedMigrations() {
		assertAnalysis(
				new FailedMigrationException(TABLE,
						new SchemaStatus(SchemaState.FAILED, "42", "42", 0, "version 42 (index) failed"),
						List.of(FAILED, new FailedRow(null, "it's a \\ view\n")), List.of()),
				1, """
						The history table "public"."flyway_schema_history": version 42 (index) failed. \
						Nothing was changed.""", """
						Remove what the failed migration left behind, then run DELETE FROM \
						"public"."flyway_schema_history" WHERE NOT success AND version = '42'; DELETE FROM \
						"public"."flyway_schema_history" WHERE NOT success AND version IS NULL AND description = \
						E'it''s a \\\\ view\\u000a'; and start again.""");
	}

	@Test
	void failedMigrationWhoseRowCouldNotBeReadAgain() {
		assertAnalysis(new FailedMigrationException(TABLE,
				new SchemaStatus(SchemaState.FAILED, "42", "42", 0, "version 42 (index) failed"), List.of(), List.of()),
				1, """
						The history table "public"."flyway_schema_history": version 42 (index) failed. \
						Nothing was changed.""", """
						Remove what the failed migration left behind, then delete its row from \
						"public"."flyway_schema_history" and start again.""");
	}

	@Test
	void migrationBlocked() {
		assertAnalysis(
				new MigrationBlockedException("V7__column.sql", 10, "it ran into a deadlock",
						List.of(new DatabaseSession(17, "report", "psql", "10.0.0.9", "idle in transaction",
								Duration.ofMinutes(90))),
						null),
				1, """
						Migration V7__column.sql was rolled back in each of 10 attempts, at last because it ran into a \
						deadlock; blocked by: [pid 17, role "report", application "psql", client 10.0.0.9, idle in \
						transaction, connected for 5400 s]. With spring.flyway.group, its whole group was rolled back; \
						all before that is applied.""", """
						Let the transactions in its way come to their end, or end them with pg_terminate_backend(pid), \
						and start again. If they are always that long, raise headlock.ddl.lock-timeout or \
						headlock.ddl.max-attempts, or keep the application out with headlock.sessions.roles.""");
	}

	@Test
	void migrationBlockedByWhatCannotBeTerminated() {
		assertAnalysis(
				new MigrationBlockedException("V7__column.sql", 1, "it ran into a deadlock",
						List.of(new DatabaseSession(17, "report", null, null, null, null),
								new DatabaseSession(0, "shop", null, null, "prepared transaction \"in doubt\"",
										Duration.ofMinutes(90))),
						null),
				1, """
						Migration V7__column.sql was rolled back in each of 1 attempts, at last because it ran into a \
						deadlock; blocked by: [pid 17, role "report", prepared transaction "in doubt", role "shop", \
						prepared 5400 s ago]. With spring.flyway.group, its whole group was rolled back; \
						all before that is applied.""", """
						Let the transactions in its way come to their end, or end them with pg_terminate_backend(pid), \
						and start again. If they are always that long, raise headlock.ddl.lock-timeout or \
						headlock.ddl.max-attempts, or keep the application out with headlock.sessions.roles. \
						A prepared transaction ends only with COMMIT PREPARED or ROLLBACK PREPARED.""");
	}

}
