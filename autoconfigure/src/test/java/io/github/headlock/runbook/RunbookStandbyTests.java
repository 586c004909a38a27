package io.github.headlock.runbook;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.MigrationReport;
import io.github.headlock.test.Background;
import io.github.headlock.test.DocumentationPage;
import io.github.headlock.test.DocumentationPage.Section;
import io.github.headlock.test.Replica;
import io.github.headlock.test.WaitingCommits;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The section on commits that wait for a synchronous standby.
 */
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
class RunbookStandbyTests {

	@Test
	void aCommitWaitsForAStandby(@TempDir Path folder, CapturedOutput output) throws Exception {
		Section section = DocumentationPage.read("runbook.md").section("A commit waits for a standby");
		TestMigrations migrations = new TestMigrations(folder);
		migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		try (WaitingCommits server = new WaitingCommits()) {
			TestDatabase database = server.database();
			TestRoles roles = TestRoles.create(database);
			String operator = "operator_" + database.name();
			String anybody = "anybody_" + database.name();
			database.execute("CREATE ROLE %s LOGIN IN ROLE pg_read_all_stats, pg_signal_backend".formatted(operator),
					"CREATE ROLE %s LOGIN".formatted(anybody));
			Replica replica = roles.blockingReplica(database.url(), "none")
				.with("spring.flyway.locations", migrations.location());
			replica.startAndStop();
			migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
			server.loseStandby();
			Background<MigrationReport> start = Background.start(replica::startAndStop);
			await().until(() -> !server.waiting().isEmpty());
			var warning = section.nextLog();
			String look = section.nextSql();
			List<String> waiting = firstColumn(database.url(), operator, look);
			assertThat(waiting).hasSize(1);
			assertThat(firstColumn(database.url(), anybody, look)).isEmpty();
			firstColumn(database.url(), operator, section.nextSql("4711", waiting.get(0)));
			assertThat(start.result().migrations()).isOne();
			assertThat(database.history()).containsExactly("1", "2");
			assertThat(output.toString()).containsPattern(warning);
			assertThat(roles.canLogIn()).isTrue();
		}
		assertThat(section.rest()).isEmpty();
	}

	private static List<String> firstColumn(String url, String role, String sql) throws Exception {
		List<String> values = new ArrayList<>();
		try (Connection connection = DriverManager.getConnection(url, role, "");
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(sql)) {
			while (row.next()) {
				values.add(row.getString(1));
			}
		}
		return values;
	}

}
