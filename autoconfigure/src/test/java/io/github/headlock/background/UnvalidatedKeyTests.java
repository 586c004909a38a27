package io.github.headlock.background;

import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Keys that are NOT NULL, except for rows that were there before, as PostgreSQL 18 allows
 * it.
 */
class UnvalidatedKeyTests {

	private final TestDatabase database = TestDatabase.create();

	private final Customers customers = Customers.create(this.database, 0);

	@Test
	void aRowWithoutAKeyEndsIt() throws Exception {
		this.database.execute("CREATE TABLE thing (id int, done text)", "CREATE INDEX ON thing (id)",
				"INSERT INTO thing VALUES (1), (NULL)", "ALTER TABLE thing ADD CONSTRAINT given NOT NULL id NOT VALID");
		this.customers.run(Customers.definition("""
				-- headlock: table = thing
				-- headlock: since = 1
				-- headlock: where = done IS NULL
				-- headlock: key = id
				UPDATE thing SET done = 'x' WHERE ${batch}
				"""));
		assertThat(this.customers.progress().state()).isEqualTo(BackgroundState.FAILED);
		assertThat(this.customers.progress().lastError()).startsWith("A row has NULL in a column of the key");
	}

}
