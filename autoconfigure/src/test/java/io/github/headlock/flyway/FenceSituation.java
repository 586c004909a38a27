package io.github.headlock.flyway;

import java.nio.file.Path;
import java.sql.Connection;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.awaitility.Awaitility.await;

/**
 * What the tests of the fence share: a database with a table, and two releases.
 */
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
abstract class FenceSituation {

	static final HistoryTable TABLE = new HistoryTable("public", "flyway_schema_history");

	final TestDatabase database = TestDatabase.create();

	final TestMigrations migrations;

	/** Of a release that waits at the gate at a moment that the test chooses. */
	final TestMigrations pausing;

	FenceSituation(Path folder, Path other) {
		this.migrations = new TestMigrations(folder);
		this.pausing = new TestMigrations(other);
		this.migrations.file("V1__a.sql", "CREATE TABLE effect (name text)");
		this.pausing.file("V1__a.sql", "CREATE TABLE effect (name text)");
		replica(this.migrations, false).startAndStop();
	}

	void killTheLock() {
		String holder = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = ?::bigint::oid AND database = "
				+ "(SELECT oid FROM pg_database WHERE datname = current_database())";
		Object key = TABLE.lockKey() & 0xFFFFFFFFL;
		this.database.value("SELECT pg_terminate_backend(?::int)", this.database.value(holder, key));
		await().until(() -> this.database.list(holder, key).isEmpty());
	}

	/** Process id of the session that holds the lock in the eyes of the others. */
	String holderSeenByTheNext() throws Exception {
		try (Connection connection = this.database.connect()) {
			return new MigrationLock(TABLE).holder(connection).map((holder) -> "" + holder.pid()).orElse("nobody");
		}
	}

	Replica replica(TestMigrations release, boolean pooled) {
		return Replica.of(pooled ? this.database.pooledUrl() : this.database.url(), "none")
			.with("spring.flyway.locations", release.location());
	}

}
