package io.github.headlock.background;

import java.sql.Connection;
import java.util.Map;

import io.github.headlock.background.Step.Kind;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tables and keys of all kinds, and statements of all forms.
 */
@Tag("every-postgresql")
class TargetTableTests {

	private final TestDatabase database = TestDatabase.create();

	private final Customers customers = Customers.create(this.database, 0);

	private BackgroundDefinition definition(String table, String rest) {
		return Customers.definition("""
				-- headlock: table = %s
				-- headlock: since = 1
				-- headlock: where = done IS NULL
				%s""".formatted(table, rest));
	}

	private BackgroundDefinition definition(String table) {
		return definition(table, "UPDATE %s SET done = 1, times = times + 1 WHERE ${batch}".formatted(table));
	}

	private void assertDoneOnce(String table, int rows) {
		assertThat(this.customers.progress()).extracting(Progress::state, Progress::lastError)
			.containsExactly(BackgroundState.FINISHED, null);
		assertThat(this.database.value("SELECT count(*) FROM %s WHERE done = 1 AND times = 1".formatted(table)))
			.isEqualTo(String.valueOf(rows));
		assertThat(this.database.value("SELECT count(*) FROM %s WHERE done IS NULL OR times <> 1".formatted(table)))
			.isEqualTo("0");
	}

	private static final Map<String, String> KEYS = Map.of("int", "id int PRIMARY KEY=> i", "uuid",
			"id uuid PRIMARY KEY=> gen_random_uuid()", "text",
			"id text COLLATE \"C\" PRIMARY KEY=> 'k' || (i * 7919 % 5003)", "language",
			"id text PRIMARY KEY=> chr(97 + i % 26) || 'É' || i", "varchar", "\"Id\" varchar(20) PRIMARY KEY=> i",
			"composite", "tenant uuid, number int, name text, PRIMARY KEY (tenant, number, name)=> "
					+ "md5((i % 7)::text)::uuid, i % 300, 'n' || i");

	@ParameterizedTest
	@CsvSource({ "int", "uuid", "text", "language", "varchar", "composite" })
	void keysOfAllTypes(String type) throws Exception {
		String[] parts = KEYS.get(type).split("=> ", -1);
		this.database.execute("CREATE TABLE thing (%s%s)".formatted(parts[0].contains("PRIMARY KEY (")
				? parts[0].replace("PRIMARY KEY (", "done int, times int DEFAULT 0, PRIMARY KEY (")
				: parts[0] + ", done int, times int DEFAULT 0", ""));
		String columns = parts[0].contains("PRIMARY KEY (") ? "tenant, number, name"
				: parts[0].startsWith("\"") ? "\"Id\"" : "id";
		this.database
			.execute("INSERT INTO thing (%s) SELECT %s FROM generate_series(1, 5002) i".formatted(columns, parts[1]));
		this.customers.run(definition("thing"));
		assertDoneOnce("thing", 5002);
	}

	@Test
	void aKeyThatIsGiven() throws Exception {
		this.database.execute("CREATE TABLE thing (a int NOT NULL, \"B\" text NOT NULL, done int, times int DEFAULT 0)",
				"CREATE INDEX ON thing (a, \"B\", times)",
				"INSERT INTO thing SELECT i % 10, i / 3 FROM generate_series(1, 4000) i");
		this.customers.run(definition("thing",
				"-- headlock: key = a, \"B\"\nUPDATE thing SET done = 1, times = times + 1 WHERE ${batch}"));
		assertDoneOnce("thing", 4000);
	}

	@Test
	void aPartitionedTable() throws Exception {
		this.database.execute(
				"CREATE TABLE thing (id int, part int, done int, times int DEFAULT 0, PRIMARY KEY (part, id)) "
						+ "PARTITION BY LIST (part)",
				"CREATE TABLE thing_0 PARTITION OF thing FOR VALUES IN (0)",
				"CREATE TABLE thing_1 PARTITION OF thing FOR VALUES IN (1)",
				"INSERT INTO thing SELECT i, i % 2 FROM generate_series(1, 5000) i");
		this.customers.run(definition("thing"));
		assertDoneOnce("thing", 5000);
	}

	/** Rows of a child can have the positions of rows of the parent. */
	@Test
	void aTableThatInheritsToAnother() throws Exception {
		this.database.execute("CREATE TABLE thing (id int PRIMARY KEY, done int, times int DEFAULT 0)",
				"CREATE TABLE child (PRIMARY KEY (id)) INHERITS (thing)",
				"INSERT INTO thing SELECT i FROM generate_series(1, 3000) i",
				"INSERT INTO child (id, done) SELECT i, CASE WHEN i % 2 = 0 THEN 7 END FROM generate_series(1, 3000) i");
		this.customers.run(definition("thing"));
		assertThat(this.customers.progress().state()).isEqualTo(BackgroundState.FINISHED);
		assertThat(this.database.value("SELECT count(*) FROM thing WHERE done = 1 AND times = 1")).isEqualTo("4500");
		assertThat(this.database.value("SELECT count(*) FROM child WHERE done = 7 AND times = 0")).isEqualTo("1500");
	}

	/** Of rows with one key, one needs it. */
	@Test
	void aPartitionedTableWithAKeyThatIsNotUnique() throws Exception {
		this.database.execute(
				"CREATE TABLE thing (id int NOT NULL, done int, times int DEFAULT 0) PARTITION BY HASH (id)",
				"CREATE TABLE thing_0 PARTITION OF thing FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
				"CREATE TABLE thing_1 PARTITION OF thing FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
				"CREATE INDEX ON thing (id)",
				"INSERT INTO thing SELECT i / 3, CASE WHEN i % 3 > 0 THEN 7 END FROM generate_series(0, 2999) i");
		this.customers.run(definition("thing", "-- headlock: key = id\nDELETE FROM thing WHERE ${batch}"));
		assertThat(this.customers.progress().state()).isEqualTo(BackgroundState.FINISHED);
		assertThat(this.database.value("SELECT count(*) FROM thing")).isEqualTo("2000");
	}

	/** Which would never end otherwise. */
	@Test
	void rowsThatTheStatementLeavesAsTheyAreAreFailedRows() throws Exception {
		createThingAndOther();
		this.database.execute("DELETE FROM other WHERE id = 7");
		this.customers.run(definition("thing",
				"UPDATE thing SET done = 1, times = times + 1 FROM other WHERE other.id = thing.id AND ${batch}"));
		assertThat(this.customers.progress().state()).isEqualTo(BackgroundState.FAILED);
		assertThat(this.customers.failedRows()).containsExactly("{7} the migration does not change the row");
		assertThat(this.database.value("SELECT count(*) FROM thing WHERE times = 1")).isEqualTo("2499");
	}

	@Test
	void anIndexWithFurtherColumns() throws Exception {
		this.database.execute(
				"CREATE TABLE thing (id int, extra numeric, done int, times int DEFAULT 0, PRIMARY KEY (id) INCLUDE (extra))",
				"INSERT INTO thing (id) SELECT i FROM generate_series(1, 1500) i");
		this.customers.run(definition("thing"));
		assertDoneOnce("thing", 1500);
	}

	@Test
	void namesInQuotesAndAnotherSchema() throws Exception {
		this.database.execute("CREATE SCHEMA \"Sales\"",
				"CREATE TABLE \"Sales\".\"My \"\"Thing\" (\"Id\" int PRIMARY KEY, done int, times int DEFAULT 0)",
				"INSERT INTO \"Sales\".\"My \"\"Thing\" SELECT i FROM generate_series(1, 1500) i");
		this.customers.run(definition("\"Sales\".\"My \"\"Thing\""));
		assertDoneOnce("\"Sales\".\"My \"\"Thing\"", 1500);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = {
			"-- headlock: alias = t\\nUPDATE thing t SET done = 1, times = t.times + 1 FROM other o WHERE ${batch} AND o.id = t.id",
			"UPDATE thing SET done = 1, times = thing.times + 1 FROM other o WHERE o.id = thing.id AND ${batch} -- end",
			"/* ${batch} */ UPDATE thing SET done = CASE WHEN '${batch}' <> '' THEN 1 END, times = times + 1 WHERE ${batch}",
			"WITH one AS (SELECT 1 AS one) UPDATE thing SET done = one.one, times = times + 1 FROM one WHERE ${batch}",
			"UPDATE thing SET done = 1, times = times + 1 WHERE '{\"a\": 1}'::jsonb ? 'a' AND ${batch}" })
	void statementsOfAllForms(String statement) throws Exception {
		createThingAndOther();
		this.customers.run(definition("thing", statement.replace("\\n", "\n")));
		assertDoneOnce("thing", 2500);
	}

	@Test
	void aConditionWithQualifiedNamesAndAComment() throws Exception {
		createThingAndOther();
		this.customers.run(Customers.definition("""
				-- headlock: table = thing
				-- headlock: since = 1
				-- headlock: where = thing.done IS NULL AND EXISTS (SELECT FROM other WHERE other.id = thing.id) -- open
				UPDATE thing SET done = 1, times = times + 1 WHERE ${batch}"""));
		assertDoneOnce("thing", 2500);
	}

	@Test
	void rowsAreDeleted() throws Exception {
		createThingAndOther();
		this.customers.run(definition("thing", "DELETE FROM thing USING other WHERE other.id = thing.id AND ${batch}"));
		assertThat(this.database.value("SELECT count(*) FROM thing")).isEqualTo("0");
		assertThat(this.customers.progress().rowsChanged()).isEqualTo(2500);
	}

	private void createThingAndOther() {
		this.database.execute("CREATE TABLE thing (id int PRIMARY KEY, done int, times int DEFAULT 0)",
				"CREATE TABLE other (id int PRIMARY KEY)", "INSERT INTO thing SELECT i FROM generate_series(1, 2500) i",
				"INSERT INTO other SELECT i FROM generate_series(1, 2500) i");
	}

	/**
	 * A row that somebody refers to just now is skipped by a DELETE, and not waited for.
	 */
	@Test
	void aRowThatIsReferredToIsNotWaitedFor() throws Exception {
		createThingAndOther();
		this.database.execute("CREATE TABLE child (thing int REFERENCES thing ON DELETE CASCADE)");
		BackgroundDefinition deletion = definition("thing", "DELETE FROM thing WHERE ${batch}");
		this.customers.register(deletion);
		BackgroundWork work = this.customers.work(deletion);
		try (Connection child = this.database.inTransaction("INSERT INTO child VALUES (42)");
				Connection connection = this.customers.connect()) {
			Step step = Step.PREPARED;
			while (step.kind() != Kind.ROWS_LOCKED) {
				step = work.step(connection);
				assertThat(this.customers.progress().lastError()).isNull();
			}
			assertThat(this.database.list("SELECT id FROM thing")).containsExactly("42");
			child.rollback();
		}
	}

	@Test
	void otherDefaultsOfTheSessionDoNotMatter() throws Exception {
		createThingAndOther();
		this.database.execute(
				"ALTER DATABASE %s SET default_transaction_isolation = 'serializable'".formatted(this.database.name()),
				"ALTER DATABASE %s SET default_transaction_read_only = on".formatted(this.database.name()));
		this.customers.run(definition("thing"));
		assertThat(this.database.value("SELECT count(*) FROM thing WHERE times = 1")).isEqualTo("2500");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "CREATE VIEW bad AS SELECT 1 AS id, NULL::int AS done | bad is a view",
			"CREATE SEQUENCE bad | bad is no table", "SELECT 1 | there is no table bad",
			"CREATE TABLE bad (id int, done int) | bad has no primary key",
			"CREATE TABLE bad (id numeric PRIMARY KEY, done int) | its key has the column id of type numeric",
			"CREATE TABLE bad (id timestamptz PRIMARY KEY, done int) | its key has the column id of type timestamp" })
	void unsuitableTablesFailAtTheFirstBatch(String create, String problem) throws Exception {
		this.database.execute(create);
		this.customers.run(definition("bad"));
		assertThat(this.customers.progress().state()).isEqualTo(BackgroundState.FAILED);
		assertThat(this.customers.progress().lastError()).contains(problem);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "key = id | its key has the column id of type integer, which may be null",
					"key = other | has no column other",
					"key = done | are not the first columns of a valid, non-partial btree index",
					"key = part | are not the first columns", "key = hashed | are not the first columns" })
	void unsuitableKeysFailAtTheFirstBatch(String key, String problem) throws Exception {
		this.database.execute("CREATE TABLE bad (id int, done int, part int NOT NULL, hashed int NOT NULL)",
				"CREATE INDEX ON bad (id)", "CREATE INDEX ON bad (part) WHERE done IS NULL",
				"CREATE INDEX ON bad USING hash (hashed)");
		this.customers.run(definition("bad", "-- headlock: %s\nUPDATE bad SET done = 1 WHERE ${batch}".formatted(key)));
		assertThat(this.customers.progress().state()).isEqualTo(BackgroundState.FAILED);
		assertThat(this.customers.progress().lastError()).contains(problem);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = {
			"UPDATE thing SET done = NULL, times = times + 1 WHERE ${batch} | rows still match where after its own update",
			"UPDATE thing SET gone = 1 WHERE ${batch} | column \"gone\" of relation \"thing\" does not exist (SQLSTATE 42703)",
			"UPDATE thing t SET done = 1 WHERE ${batch} | declare that name as alias",
			"WITH u AS (UPDATE thing SET done = 1 WHERE ${batch} RETURNING 1) SELECT * FROM u | its statement returns rows" })
	void unsuitableStatementsFailAtTheFirstBatchAndChangeNothing(String statement, String problem) throws Exception {
		createThingAndOther();
		this.customers.run(definition("thing", statement));
		assertThat(this.customers.progress().state()).isEqualTo(BackgroundState.FAILED);
		assertThat(this.customers.progress().lastError()).contains(problem);
		assertThat(this.database.value("SELECT count(*) FROM thing WHERE times > 0 OR done IS NOT NULL"))
			.isEqualTo("0");
	}

	@Test
	void someRowsThatStillMatchAreFailedRows() throws Exception {
		createThingAndOther();
		this.customers
			.run(definition("thing", "UPDATE thing SET done = nullif(id, 77), times = times + 1 WHERE ${batch}"));
		assertThat(this.customers.failedRows()).containsExactly("{77} still matches after its own update");
		assertThat(this.customers.progress().state()).isEqualTo(BackgroundState.FAILED);
		assertThat(this.database.value("SELECT count(*) FROM thing WHERE times = 1")).isEqualTo("2500");
	}

	@Test
	void rowLevelSecurityIsRefused() throws Exception {
		String role = "other_" + this.database.name();
		this.database.execute("CREATE TABLE thing (id int PRIMARY KEY, done int)",
				"ALTER TABLE thing ENABLE ROW LEVEL SECURITY", "CREATE ROLE %s LOGIN".formatted(role),
				"GRANT ALL ON thing TO %s".formatted(role));
		BackgroundDefinition definition = definition("thing");
		this.customers.register(definition);
		this.database.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO %s".formatted(role));
		try (Connection connection = java.sql.DriverManager.getConnection(this.database.url(), role, "")) {
			assertThat(this.customers.work(definition).step(connection).kind()).isEqualTo(Kind.ENDED);
		}
		assertThat(this.customers.progress().lastError())
			.contains("row-level security is in force on thing for the role " + role)
			.contains("ALTER ROLE \"%s\" BYPASSRLS".formatted(role));
	}

}
