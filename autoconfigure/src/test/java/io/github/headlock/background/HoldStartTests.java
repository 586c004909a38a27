package io.github.headlock.background;

import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;

import io.github.headlock.test.DocumentationPage;
import io.github.headlock.test.DocumentationPage.Section;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Applications whose background migrations hold, as the page on them says.
 */
@Tag("every-postgresql")
class HoldStartTests {

	private static final String TABLE = "flyway_schema_history_background";

	private final TestDatabase database = TestDatabase.create();

	private final Releases releases;

	private final Section section = DocumentationPage.read("background-migrations.md").section("When it holds");

	HoldStartTests(@TempDir Path folder) throws Exception {
		this.releases = new Releases(this.database, folder);
		this.releases.second();
		this.releases.background.file("backfill_full_name.sql", Releases.BACKFILL);
		this.releases.background.delete("backfill.sql");
		this.releases.idle().startAndStop();
		this.releases.insert(1, 500);
	}

	@Test
	void aHoldIsSeenByOperatorsAndEndedByThem() throws Exception {
		String look = this.section.nextSql();
		List<String> shown = this.section.nextBlock().lines().toList();
		String goOn = this.section.nextSql();
		try (HeadlockLog log = HeadlockLog.open();
				Connection session = this.database.inTransaction("LOCK TABLE customer IN SHARE UPDATE EXCLUSIVE MODE");
				ConfigurableApplicationContext one = this.releases.replica().start();
				ConfigurableApplicationContext other = this.releases.replica().start()) {
			await().until(() -> this.database.list(look).equals(List.of("backfill_full_name")));
			assertThat(shown).hasSize(3);
			await()
				.until(() -> log.messages().stream().anyMatch((line) -> similar(line).equals(similar(shown.get(0)))));
			assertThat(this.releases.count("times = 1")).isZero();
			this.database.execute(goOn);
			await().until(() -> this.releases.count("times = 1") == 500);
			assertThat(this.database.list(look)).isEmpty();
			assertThat(log.messages())
				.filteredOn((line) -> line.contains("held for 30 min, the longest for this reason"))
				.hasSize(1);
			assertThat(one.isActive() && other.isActive()).isTrue();
			session.rollback();
		}
	}

	/** Without what is of one session. */
	private static String similar(String line) {
		return line.replaceAll("pid .*, holds (\\w+) on .*", "pid 1, holds $1");
	}

	@Test
	void aThrottleMayNeedWhatIsThereOnlyAfterTheMigration() {
		this.database.execute("CREATE TABLE report (finished_at timestamptz)", "INSERT INTO report VALUES (NULL)");
		try (ConfigurableApplicationContext context = replica().start()) {
			await().until(() -> this.database.value("SELECT coalesce(held_because, '') FROM " + TABLE)
				.equals("reports are being made: 1 (throttle \"reportThrottle\")"));
			assertThat(this.releases.count("times = 1")).isZero();
			this.database.execute("UPDATE report SET finished_at = now()");
			await().until(() -> this.releases.count("times = 1") == 500);
			assertThat(context.isActive()).isTrue();
		}
	}

	private Replica replica() {
		return this.releases.replica().with(Throttled.class);
	}

	@Test
	void aStartThatFinishesItDoesNotHold() {
		hold();
		this.releases.migrations.file("V3__enforce.sql",
				Releases.ENFORCE.replace("background backfill", "background backfill_full_name"));
		this.database.execute("CREATE TABLE report (finished_at timestamptz)", "INSERT INTO report VALUES (NULL)");
		assertThat(replica().with("headlock.background.run", "never").startAndStop().migrations()).isOne();
		assertThat(this.releases.count("times = 1")).isEqualTo(500);
		assertThat(this.database.list("SELECT 1 FROM " + TABLE + " WHERE held_because IS NOT NULL")).isEmpty();
	}

	@Test
	void aStartThatIsRefusedSaysSo() {
		hold();
		this.releases.migrations.file("V3__enforce.sql",
				Releases.ENFORCE.replace("background backfill", "background backfill_full_name"));
		assertThat(Releases.refusal(this.releases.idle().with("headlock.background.finalize-within", 0)))
			.hasMessageContaining("; held for 1 h 59 min: a sale (throttle \"sale\")");
	}

	/** As another process has done. */
	private void hold() {
		this.database.execute("UPDATE " + TABLE + " SET held_because = 'a sale (throttle \"sale\")', "
				+ "hold_kind = 'application', held_since = now() - interval '119 min', "
				+ "held_until = now() + interval '1 h'");
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(JdbcTemplateAutoConfiguration.class)
	@Import(ReportThrottle.class)
	static class Throttled {

	}

}
