package io.github.headlock.background;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

import io.github.headlock.background.Step.Kind;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tables that somebody changes while a process is in the middle of a pass over them.
 */
@Tag("every-postgresql")
class ChangedTableTests {

	private static final BackgroundDefinition COUNT_UP = Customers.definition(Customers.COUNT_UP);

	private final TestDatabase database = TestDatabase.create();

	private final Customers customers = Customers.create(this.database, 3_000);

	/** Works until the first batch is done, and then until the end. */
	private void changeInTheMiddle(BackgroundDefinition definition, String role, String... changes)
			throws SQLException {
		BackgroundWork work = this.customers.work(definition);
		try (Connection connection = DriverManager.getConnection(this.database.url() + "?prepareThreshold=0", role,
				"")) {
			Step step = Step.PREPARED;
			boolean changed = false;
			for (int steps = 0; step.kind() != Kind.ENDED; steps++) {
				assertThat(steps).as(() -> this.customers.progress().toString()).isLessThan(20_000);
				step = work.step(connection);
				if (!changed && this.customers.progress().rowsSeen() > 0) {
					this.database.execute(changes);
					changed = true;
				}
			}
		}
	}

	/** The rows of both have the same positions. */
	@Test
	void rowsOfAChildThatDoNotNeedItAreLeftAlone() throws Exception {
		this.database.execute("CREATE TABLE child (LIKE customer INCLUDING ALL)",
				"INSERT INTO child SELECT id + 10000, first_name, last_name, 'done' FROM customer ORDER BY id");
		this.customers.register(COUNT_UP);
		changeInTheMiddle(COUNT_UP, "postgres", "ALTER TABLE child INHERIT customer");
		assertThat(this.customers.progress().state()).isEqualTo(BackgroundState.FINISHED);
		assertThat(this.customers.count("id <= 10000 AND times = 1")).isEqualTo(3_000);
		assertThat(this.customers.count("id > 10000 AND times = 0")).isEqualTo(3_000);
	}

	@Test
	void aTableThatIsReplacedByAPartitionedOneIsGoneAlongAgain() throws Exception {
		this.customers.register(COUNT_UP);
		changeInTheMiddle(COUNT_UP, "postgres", "ALTER TABLE customer RENAME TO customer_before",
				"CREATE TABLE customer (LIKE customer_before INCLUDING ALL) PARTITION BY RANGE (id)",
				"CREATE TABLE customer_low PARTITION OF customer FOR VALUES FROM (0) TO (1500)",
				"CREATE TABLE customer_high PARTITION OF customer DEFAULT",
				"INSERT INTO customer SELECT id, first_name, last_name FROM customer_before");
		assertThat(this.customers.progress().state()).isEqualTo(BackgroundState.FINISHED);
		assertThat(this.customers.count("times = 1")).isEqualTo(3_000);
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "ALTER TABLE customer RENAME id TO number", "ALTER TABLE customer ALTER COLUMN id TYPE text" })
	void aKeyThatIsChangedIsGoneAlongAsItIsNow(String change) throws Exception {
		this.customers.register(COUNT_UP);
		changeInTheMiddle(COUNT_UP, "postgres", change);
		assertThat(this.customers.progress().state()).isEqualTo(BackgroundState.FINISHED);
		assertThat(this.customers.count("times = 1")).isEqualTo(3_000);
	}

	/** Nobody would see it, and others would not be worked on meanwhile. */
	@Test
	void aTableThatMayNotBeReadEndsIt() throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		this.customers.register(COUNT_UP);
		this.database.execute("GRANT ALL ON flyway_schema_history_background, "
				+ "flyway_schema_history_background_batch TO " + roles.migrator());
		changeInTheMiddle(COUNT_UP, roles.migrator());
		assertThat(this.customers.progress()).returns(BackgroundState.FAILED, Progress::state)
			.returns("permission denied for table customer (SQLSTATE 42501)", Progress::lastError);
	}

	/** The role would see none of the rows. */
	@Test
	void rowLevelSecurityThatComesIntoForceIsNoticedAtTheEndOfThePass() throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		this.database.execute("UPDATE customer SET full_name = 'done' WHERE id < 2000",
				"ALTER TABLE customer OWNER TO " + roles.migrator());
		this.customers.register(COUNT_UP);
		this.database.execute("GRANT ALL ON flyway_schema_history_background, "
				+ "flyway_schema_history_background_batch TO " + roles.migrator());
		changeInTheMiddle(COUNT_UP, roles.migrator(), "ALTER TABLE customer ENABLE ROW LEVEL SECURITY",
				"ALTER TABLE customer FORCE ROW LEVEL SECURITY");
		assertThat(this.customers.progress().state()).isEqualTo(BackgroundState.FAILED);
		assertThat(this.customers.progress().lastError()).contains("row-level security is in force on customer");
	}

}
