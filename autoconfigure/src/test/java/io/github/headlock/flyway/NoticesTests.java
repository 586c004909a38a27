package io.github.headlock.flyway;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Notices without end: a server that tells of everything it does, and migrations that
 * raise more notices than anybody reads.
 */
@Tag("every-postgresql")
class NoticesTests {

	private static final HistoryTable TABLE = new HistoryTable("public", "flyway_schema_history");

	private static final int HEARTBEATS = 2000;

	private final TestDatabase database = TestDatabase.create();

	@BeforeEach
	void tellEverything() {
		this.database.execute("ALTER DATABASE %s SET client_min_messages = 'debug5'".formatted(this.database.name()));
	}

	@Test
	void aLockKeepsNoNoticesHoweverLongItIsHeld() throws Exception {
		try (Connection connection = this.database.connect();
				HeldLock lock = new MigrationLock(TABLE).tryTake(connection).orElseThrow()) {
			for (int i = 0; i < HEARTBEATS; i++) {
				lock.ensureHeld();
				lock.fenceHolder();
			}
			assertThat(warnings(connection)).isLessThan(10);
		}
	}

	private static int warnings(Connection connection) throws SQLException {
		int count = 0;
		for (SQLWarning warning = connection.getWarnings(); warning != null; warning = warning.getNextWarning()) {
			count++;
		}
		return count;
	}

	/**
	 * The driver keeps them until the statement ends, and Flyway until the migration
	 * does, each with a stack trace; Headlock keeps none.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aMigrationWithAHundredThousandOfThemComesThroughAsWithFlywayAlone(boolean plain, @TempDir Path folder)
			throws Exception {
		TestMigrations migrations = new TestMigrations(folder);
		migrations.file("V1__a.sql", """
				DO $$ BEGIN FOR i IN 1..100000 LOOP RAISE NOTICE 'number %', i; END LOOP; END $$;
				CREATE TABLE a (id int)""");
		Replica replica = Replica.of(this.database.url(), "none")
			.with("spring.flyway.locations", migrations.location())
			.with("logging.level.org.flywaydb", "error");
		try (ReplicaProcess process = ReplicaProcess.start(ReplicaProcess.Main.class, plain ? replica.plain() : replica,
				"-Xmx384m")) {
			assertThat(process.exitCode()).isZero();
		}
		assertThat(this.database.history()).containsExactly("1");
	}

}
