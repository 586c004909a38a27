package io.github.headlock.migration;

import java.nio.file.Path;

import io.github.headlock.Outcome;
import io.github.headlock.database.HistoryTable;
import io.github.headlock.database.ServerFacts;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestMigrations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is said, and what works, when a pooler stands before the database.
 */
@ExtendWith(OutputCaptureExtension.class)
class PoolerTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	PoolerTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
	}

	@Test
	void manyStatementsNeedNoSettingOfTheDriver(CapturedOutput output) {
		for (int i = 1; i <= 30; i++) {
			this.migrations.file("V%d__many.sql".formatted(i), "CREATE TABLE t%d (id int)".formatted(i));
		}
		assertThat(replica(this.database.pooledUrl()).startAndStop().migrations()).isEqualTo(30);
		assertThat(output).doesNotContain("A pooler stands before the database");
	}

	@Test
	void sessionSettingsAreWarnedOf(CapturedOutput output) {
		this.migrations.file("V1__a.sql", "SELECT 1");
		replica(this.database.pooledUrl() + "?prepareThreshold=1").with("spring.flyway.default-schema", "other")
			.with("spring.flyway.init-sqls", "SELECT 1")
			.startAndStop();
		assertThat(output)
			.contains("A pooler stands before the database: Flyway sets search_path to schema \"other\"",
					"A pooler stands before the database: what spring.flyway.init-sqls sets")
			.doesNotContain("prepares statements");
	}

	@Test
	void serverPreparedStatementsOfAPoolThatIsUsedAsItIsAreWarnedOf() {
		HistoryTable table = new HistoryTable("public", "flyway_schema_history");
		assertThat(PoolerAdvice.of(new ServerFacts("PostgreSQL", "public", "shop", "me", true, true), table, false))
			.containsExactly("the driver prepares statements on the server, which PgBouncer before 1.21 cannot do; "
					+ "add prepareThreshold=0 to the JDBC URL");
	}

	@Test
	void nothingIsWarnedOfWithoutAPooler(CapturedOutput output) {
		this.migrations.file("V1__a.sql", "SELECT 1");
		assertThat(replica(this.database.url()).with("spring.flyway.default-schema", "other").startAndStop().outcome())
			.isEqualTo(Outcome.MIGRATED);
		assertThat(output).doesNotContain("A pooler stands before the database");
	}

	private Replica replica(String url) {
		return Replica.of(url, "none").with("spring.flyway.locations", this.migrations.location());
	}

}
