package io.github.headlock.runbook;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import io.github.headlock.HeadlockException;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.test.DocumentationPage;
import io.github.headlock.test.DocumentationPage.Section;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * What the tests of the runbook share: the page, and roles that look at the database as
 * its readers do. A test takes every block of its section, in the situation that it is
 * for.
 */
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
abstract class RunbookSituation {

	static final HistoryTable HISTORY = new HistoryTable("public", "flyway_schema_history");

	final TestDatabase database = TestDatabase.create();

	final TestRoles roles = TestRoles.create(this.database);

	/** As the runbook asks for. */
	final String operator = "operator_" + this.database.name();

	/** Without any privilege. */
	final String anybody = "anybody_" + this.database.name();

	final TestMigrations migrations;

	private @Nullable Section section;

	RunbookSituation(Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		this.database.execute("CREATE ROLE %s LOGIN IN ROLE pg_read_all_stats".formatted(this.operator),
				"CREATE ROLE %s LOGIN".formatted(this.anybody));
	}

	@AfterEach
	void nothingOfTheSectionIsUntested() {
		if (this.section != null) {
			assertThat(this.section.rest()).isEmpty();
		}
	}

	static DocumentationPage page() {
		return DocumentationPage.read("runbook.md");
	}

	Section section(String title) {
		this.section = page().section(title);
		return this.section;
	}

	Replica replica() {
		return Replica.of(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

	/** A replica that migrates with a role of its own. */
	Replica migrating() {
		return this.roles.replica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

	/** The same, which keeps the application's role out meanwhile. */
	Replica blocking() {
		return this.roles.blockingReplica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

	static void awaitLine(CapturedOutput output, Pattern line) {
		await().until(() -> line.matcher(output).find());
	}

	static void assertExitCode(int code, Replica replica) {
		Throwable failure = catchThrowable(replica::startAndStop);
		assertThat(failure).isNotNull();
		assertThat(exitCode(failure)).isEqualTo(code);
	}

	/** As Spring Boot finds it: any exception without a code of its own gives 1. */
	static int exitCode(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof HeadlockException ours) {
				return ours.getExitCode();
			}
		}
		return 1;
	}

	static Map<String, String> only(List<Map<String, String>> rows) {
		assertThat(rows).hasSize(1);
		return rows.get(0);
	}

	/** What a role sees. */
	List<Map<String, String>> rows(String role, String sql) throws SQLException {
		List<Map<String, String>> rows = new ArrayList<>();
		try (Connection connection = DriverManager.getConnection(this.database.url(), role, "");
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(sql)) {
			while (row.next()) {
				Map<String, String> columns = new LinkedHashMap<>();
				for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
					columns.put(row.getMetaData().getColumnLabel(i), row.getString(i));
				}
				rows.add(columns);
			}
		}
		return rows;
	}

}
