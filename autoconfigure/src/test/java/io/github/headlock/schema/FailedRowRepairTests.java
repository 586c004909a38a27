package io.github.headlock.schema;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * The statement that a start prints when a failed row stops it, run as it is printed.
 */
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
class FailedRowRepairTests {

	private static final Pattern STATEMENT = Pattern.compile("then run (DELETE FROM .*;) and start again\\.");

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	FailedRowRepairTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
	}

	@Test
	void theStatementForAVersionLeavesAnotherReleasesFailedRow(CapturedOutput output) {
		failTheIndexOfVersion2();
		this.database.execute("INSERT INTO flyway_schema_history SELECT max(installed_rank) + 1, '3', 'later', 'SQL', "
				+ "'V3__later.sql', 1, current_user, now(), 0, false FROM flyway_schema_history");

		String statement = refusal(replica(), output);
		assertThat(statement)
			.isEqualTo("DELETE FROM \"public\".\"flyway_schema_history\" WHERE NOT success AND version = '2';");
		this.database.execute(statement, "DROP INDEX i", "TRUNCATE a");
		// without it, Flyway refuses a version below a failed one
		assertThat(replica().with("spring.flyway.out-of-order", true).startAndStop().migrations()).isOne();
		assertThat(failed()).containsExactly("later");
	}

	@Test
	void theStatementsForTwoFailedRowsLeaveTheHealthyOnes(CapturedOutput output) {
		failTheIndexOfVersion2();
		fail("view");
		this.database.execute(refusal(replica(), output), "DROP INDEX i", "TRUNCATE a");
		assertThat(failed()).isEmpty();
		assertThat(this.database.history()).containsExactly("1");
		assertThat(replica().startAndStop().migrations()).isEqualTo(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "view", "it's one; DROP TABLE a; --", "back\\slash \\' %s $$", "two\nlines", "ünï 表 😀" })
	void theStatementNamesARepeatableWhateverItsName(String description, CapturedOutput output) {
		Replica replica = replica().with("spring.flyway.table", "it's history")
			.with("spring.flyway.schemas[0]", "own \"schema\"");
		this.migrations.file("R__" + description.replace(' ', '_') + ".sql", "SELECT 1");
		this.migrations.file("R__other.sql", "SELECT 2");
		replica.startAndStop();
		String table = "\"own \"\"schema\"\"\".\"it's history\"";
		this.database.execute(
				"UPDATE %s SET success = false WHERE version IS NULL AND script NOT LIKE '%%other%%'".formatted(table));

		this.database.execute(refusal(replica, output));
		assertThat(this.database
			.list("SELECT description FROM %s WHERE version IS NULL AND type = 'SQL'".formatted(table)))
			.containsExactly("other");
		assertThat(replica.startAndStop().migrations()).isOne();
	}

	private void failTheIndexOfVersion2() {
		this.migrations.file("R__view.sql", "SELECT 1");
		replica().startAndStop();
		this.database.execute("INSERT INTO a VALUES (1), (1)");
		this.migrations.file("V2__index.sql", "CREATE UNIQUE INDEX CONCURRENTLY i ON a (id)");
		assertThat(catchThrowable(replica()::startAndStop)).isNotNull();
		assertThat(failed()).contains("index");
	}

	private void fail(String description) {
		this.database.execute(
				"UPDATE flyway_schema_history SET success = false WHERE description = '%s'".formatted(description));
	}

	private static String refusal(Replica replica, CapturedOutput output) {
		assertThat(catchThrowable(replica::startAndStop)).cause().isInstanceOf(FailedMigrationException.class);
		Matcher action = STATEMENT.matcher(output);
		assertThat(action.find()).as(output.toString()).isTrue();
		return action.group(1);
	}

	private List<String> failed() {
		return this.database
			.list("SELECT description FROM flyway_schema_history WHERE NOT success ORDER BY installed_rank");
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

}
