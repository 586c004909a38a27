package io.github.headlock.autoconfigure;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.flyway.ConnectionLostException;
import io.github.headlock.flyway.UnsupportedFlywayException;
import io.github.headlock.jdbc.DatabaseSession;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.jdbc.PoolTooSmallException;
import io.github.headlock.lock.LockHolder;
import io.github.headlock.lock.LockLostException;
import io.github.headlock.lock.LockTimeoutException;
import io.github.headlock.roles.BlockedRoleLoginException;
import io.github.headlock.roles.RolesNotBlockableException;
import io.github.headlock.roles.PreflightFailure;
import io.github.headlock.roles.RolesStillBlockedException;
import io.github.headlock.roles.SessionsNotDrainedException;
import io.github.headlock.waiting.StartInterruptedException;
import org.junit.jupiter.api.Test;

import static io.github.headlock.autoconfigure.ExpectedAnalysis.assertAnalysis;

/**
 * What a person reads when a start fails, to the letter.
 */
class FailureAnalyzerTests {

	private static final String TABLE = "\"public\".\"flyway_schema_history\"";

	private static final SchemaStatus BEHIND = new SchemaStatus(SchemaState.BEHIND, "41", "42", 1, "pending");

	@Test
	void lockTimeout() {
		LockHolder holder = new LockHolder(77, "migrator", "headlock shop-7f9c", "10.0.0.7", Instant.EPOCH, null);
		assertAnalysis(new LockTimeoutException(TABLE, 5, Duration.ofMinutes(15), holder, BEHIND), 10,
				"""
						No migration lock of "public"."flyway_schema_history" within 900.0 s: it is held by pid 77, \
						role "migrator", application "headlock shop-7f9c", host 10.0.0.7, since 1970-01-01T00:00:00Z. The schema is BEHIND. \
						Nothing was changed.""",
				"""
						If the migration that holds the lock is still running, wait for it and start again, or raise \
						headlock.lock.timeout. The query SELECT l.pid, a.usename, a.application_name, a.client_addr \
						FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' \
						AND l.granted; shows the holder with its role; \
						pg_terminate_backend(pid) ends a holder that is stuck, and its lock with it.""");
	}

	@Test
	void lockTimeoutOfATask() {
		SchemaStatus ready = new SchemaStatus(SchemaState.AT_HEAD, "42", "42", 0, null);
		assertAnalysis(LockTimeoutException.ofTask("seeder", TABLE, -5, Duration.ofMinutes(15), null, ready), 10, """
				No lock for the task "seeder" of "public"."flyway_schema_history" within 900.0 s: it is held by a \
				session that ended meanwhile. The schema is AT_HEAD; the task was not run.""", """
				If another process is still running such a task, start again when it has finished, or raise \
				headlock.lock.timeout: it must be longer than all replicas need for their tasks, one after the other. \
				The query SELECT l.pid, a.usename, a.application_name, a.client_addr FROM pg_locks l LEFT JOIN \
				pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' AND l.granted; shows the holder with \
				its role; \
				pg_terminate_backend(pid) ends a holder that is stuck, and its lock with it.""");
	}

	@Test
	void lockLost() {
		assertAnalysis(new LockLostException(TABLE, null), 14, """
				The connection that holds the migration lock of "public"."flyway_schema_history" ended during the \
				migration. What was applied until then is recorded, and no further migration was started.""", """
				Start again; the remaining migrations are then applied. If it happens again, look in the log of the \
				server and of the pooler for restarts and for what ends idle transactions, or set spring.flyway.url to \
				the database itself.""");
		assertAnalysis(LockLostException.contested(TABLE, new IllegalStateException()), 14, """
				Another process migrates "public"."flyway_schema_history", although this one holds its migration lock. \
				What was applied until then is recorded, and no further migration was started.""", """
				Find what writes to the history table, in pg_stat_activity and in what else migrates this database: a \
				tool that takes another lock, or none. Then start again.""");
		LockHolder holder = new LockHolder(77, "shop", null, null, null, null);
		assertAnalysis(LockLostException.contestedBy(TABLE, holder, new IllegalStateException()), 14,
				"""
						Another session is in a migration of "public"."flyway_schema_history", or keeps its fence taken, although \
						this one holds its migration lock: pid 77, role "shop". What was applied until then is recorded, and no \
						further migration was started.""",
				"""
						If it is a migration that is still running, wait for its end and start again. Otherwise \
						pg_terminate_backend(77) ends it, and frees the fence with it; then find out why its role takes \
						an advisory lock of the history table.""");
	}

	@Test
	void databaseUnavailable() {
		assertAnalysis(
				new DatabaseUnavailableException("jdbc:postgresql://db/shop", "The database cannot be reached",
						new SQLException("Connection refused")),
				1, "The database cannot be reached (jdbc:postgresql://db/shop): Connection refused", """
						Check that PostgreSQL runs and can be reached from here, and that spring.datasource.url, \
						username and password are right (or spring.flyway.url, user and password, if they are set). \
						A pool or a pooler must allow at least two server connections.""");
	}

	@Test
	void poolTooSmall() {
		assertAnalysis(new PoolTooSmallException("com.zaxxer.hikari.HikariDataSource", 3, 2, null), 1, """
				This start needs 3 connections at a time and takes them from com.zaxxer.hikari.HikariDataSource, \
				because none like them can be opened beside it, but it gives 2. No migration or task was begun.""", """
				Let the pool have at least 3 connections: set spring.datasource.hikari.maximum-pool-size, or the \
				maximum size of a pool of another kind or of the application's own. Or set spring.flyway.url, \
				spring.flyway.user and spring.flyway.password: migrations then use no pool.""");
		assertAnalysis(new PoolTooSmallException("com.example.Pool", 2, 1, new SQLException("exhausted")), 1, """
				This start needs 2 connections at a time and takes them from com.example.Pool, because none like \
				them can be opened beside it, but it gives 1 (exhausted). No migration or task was begun.""", """
				Let the pool have at least 2 connections: set spring.datasource.hikari.maximum-pool-size, or the \
				maximum size of a pool of another kind or of the application's own. Or set spring.flyway.url, \
				spring.flyway.user and spring.flyway.password: migrations then use no pool.""");
	}

	@Test
	void connectionLost() {
		assertAnalysis(
				new ConnectionLostException("jdbc:postgresql://db/shop", "Failed to execute script V2__b.sql",
						"FATAL: terminating connection", new IllegalStateException()),
				1, """
						The connection to jdbc:postgresql://db/shop was lost while migrating (Failed to execute script \
						V2__b.sql): FATAL: terminating connection. The lock is free, and a transactional migration is \
						rolled back.""", """
						Start again; the migrations that are not recorded are then applied. One that is not \
						transactional, such as CREATE INDEX CONCURRENTLY, may have left an effect that has to be \
						removed first.""");
	}

	@Test
	void startInterrupted() {
		assertAnalysis(
				new StartInterruptedException("waiting for the migration lock of " + TABLE, new InterruptedException()),
				1, """
						Interrupted while waiting for the migration lock of "public"."flyway_schema_history". \
						Nothing is left half done.""",
				"The process was shut down while it was starting; start it again.");
	}

	@Test
	void shutdownWhileWaiting() {
		assertAnalysis(
				StartInterruptedException.byShutdown("waiting for the migration lock of " + TABLE,
						new InterruptedException()),
				1, """
						Shutdown requested; cancelled while waiting for the migration lock of \
						"public"."flyway_schema_history". Nothing is left half done.""",
				"The process was shut down while it was starting; start it again.");
	}

	@Test
	void shutdownWhileMigrating() {
		assertAnalysis(StartInterruptedException.whileMigrating("Migration of schema to version 3 failed",
				new IllegalStateException()), 1, """
						Shutdown requested; cancelled while migrating (Migration of schema to version 3 failed). \
						The lock is free, and a transactional migration is rolled back.""", """
						Start again; the migrations that are not recorded are then applied. One that is not \
						transactional, such as CREATE INDEX CONCURRENTLY, may have left an effect that has to be \
						removed first.""");
	}

	@Test
	void rolesNotBlockable() {
		assertAnalysis(new RolesNotBlockableException(
				List.of(new PreflightFailure("role m may not alter roles", "ALTER ROLE m CREATEROLE;"),
						new PreflightFailure("role m may not see", "GRANT a TO m;"),
						new PreflightFailure("role m may not terminate", "GRANT a TO m;")),
				null), 12, """
						The application's roles cannot be blocked for the migration:
						  - role m may not alter roles
						  - role m may not see
						  - role m may not terminate
						No role was changed, and no migration was run.""", """
						Ask an administrator to do the following, then restart:
						  - ALTER ROLE m CREATEROLE;
						  - GRANT a TO m;""");
	}

	@Test
	void sessionsNotDrained() {
		DatabaseSession session = new DatabaseSession(77, "shop", null, "10.0.0.7", "idle", Duration.ofSeconds(61));
		String description = """
				The application's sessions did not end within 60.0 s: 1 session
				  - pid 77, role "shop", client 10.0.0.7, idle, connected for 61 s
				No migration was run, and the login of the roles is restored.""";
		assertAnalysis(new SessionsNotDrainedException(Duration.ofMinutes(1), true, List.of(session), List.of()), 12,
				description, """
						Find out why these sessions do not end, or raise headlock.sessions.drain-timeout, and start \
						again.""");
		assertAnalysis(new SessionsNotDrainedException(Duration.ofMinutes(1), false, List.of(session), List
			.of()), 12, description, """
					Stop what holds these sessions, or set headlock.terminate-db-sessions=true: a connection pool or \
					a pooler keeps its sessions open, so that without it they end only when its idle timeout does \
					it.""");
		assertAnalysis(new SessionsNotDrainedException(Duration.ofMinutes(1), true, List.of(), List.of("tx1", "tx2")),
				12, """
						The application's sessions did not end within 60.0 s: 0 sessions and 2 prepared transactions
						  - prepared transaction tx1
						  - prepared transaction tx2
						No migration was run, and the login of the roles is restored.""", """
						Find out why these sessions do not end, or raise headlock.sessions.drain-timeout, and start \
						again. A prepared transaction ends only with COMMIT PREPARED or ROLLBACK PREPARED.""");
	}

	@Test
	void rolesStillBlocked() {
		assertAnalysis(
				new RolesStillBlockedException(List.of("shop"), "\"public\".\"blocked\"",
						new SQLException("Connection refused")),
				1, """
						The login of the roles [shop] could not be restored: Connection refused. They are recorded in \
						"public"."blocked".""",
				"""
						Start again: every start restores the login of roles that a migration has left blocked. By hand: ALTER ROLE ... LOGIN (or \
						GRANT CONNECT ON DATABASE ... TO ...) for each role in that table, and then drop it.""");
	}

	@Test
	void blockedRoleLogin() {
		assertAnalysis(
				new BlockedRoleLoginException(List.of("shop"), "FATAL: role \"shop\" is not permitted to log in",
						new IllegalStateException("V2 failed")),
				1, """
						A migration logs in as a role that headlock.sessions.roles blocks while it runs, [shop]: \
						FATAL: role "shop" is not permitted to log in. The login of the roles is restored, and a \
						transactional migration is rolled back.""", """
						Let the Java migration or callback use the connection of its context (Context.getConnection()) \
						instead of the application's data source, or remove the role from headlock.sessions.roles for \
						this release.""");
	}

	@Test
	void unsupportedFlyway() {
		assertAnalysis(new UnsupportedFlywayException("Flyway takes its lock otherwise"), 1,
				"Flyway takes its lock otherwise", """
						Use the Flyway version that Spring Boot manages, or a Headlock release made for yours. \
						Until then, headlock.enabled=false brings back Flyway's own behaviour.""");
	}

}
