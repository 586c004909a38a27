package io.github.headlock.background;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.headlock.test.DocumentationPage;
import io.github.headlock.test.DocumentationPage.Section;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.upgrade.UpgradeRefusedException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.NestedExceptionUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * What the page on background migrations shows, in the situation that it is for.
 */
@Tag("every-postgresql")
class BackgroundMigrationsPageTests {

	private static final String TABLE = "flyway_schema_history_background";

	private final TestDatabase database = TestDatabase.create();

	private final DocumentationPage page = DocumentationPage.read("background-migrations.md");

	private final Releases releases;

	BackgroundMigrationsPageTests(@TempDir Path folder) throws Exception {
		this.releases = new Releases(this.database, folder);
	}

	@Test
	void threeReleasesAndTheGate() {
		Section recipe = this.page.section("Three releases");
		this.releases.idle().startAndStop();
		this.releases.insert(1, 100);
		file(recipe.nextSql());
		String declaration = recipe.nextSql();
		this.releases.background.file("backfill_full_name.sql", declaration);
		this.releases.idle().startAndStop();
		this.releases.migrations.file("V56__x.sql", "SELECT 1");
		this.releases.idle().startAndStop();
		file(recipe.nextSql());
		Throwable failure = NestedExceptionUtils.getMostSpecificCause(catchThrowable(
				() -> this.releases.idle().with("headlock.background.finalize-within", 0).startAndStop()));
		assertThat(failure).isInstanceOf(UpgradeRefusedException.class);
		UpgradeRefusedException refusal = (UpgradeRefusedException) failure;
		String shown = this.page.section("The gate").nextBlock();
		assertThat(similar(refusal.getDescription() + "\n\nAction:\n\n" + refusal.getAction()))
			.isEqualTo(similar(shown));
		file(recipe.nextSql());
		this.releases.idle().startAndStop();
		assertThat(this.releases.versions()).containsExactly("1", "42", "56", "57", "58");
		assertThat(this.releases.count("full_name = 'first last'")).isEqualTo(100);
		assertThat(this.database.value(
				"SELECT attnotnull FROM pg_attribute WHERE attrelid = 'customer'::regclass AND attname = 'full_name'"))
			.isEqualTo("t");
		assertThat(recipe.rest()).isEmpty();
	}

	/** A migration of the page, whose first line is the name of its file. */
	private void file(String block) {
		String first = block.lines().findFirst().orElseThrow();
		this.releases.migrations.file(first.substring(first.lastIndexOf('/') + 1), block);
	}

	/** Without the figures of one database. */
	private static String similar(String text) {
		return text.replaceAll("running, [^;]*; last batch .* by \".*\"", "running")
			.replaceAll("finalize-within=\\w+", "finalize-within")
			.replaceAll("\\s+", " ");
	}

	@Test
	void anEntryInAnotherTableForEachRow() {
		this.releases.migrations.file("V1_1__audit.sql",
				"CREATE TABLE customer_audit (customer_id bigint, what text);");
		this.releases.idle().startAndStop();
		this.releases.insert(1, 100);
		this.releases.third().background.file("backfill.sql",
				this.page.section("The declaration").nextSql("since = 42", "since = 2"));
		this.releases.idle().startAndStop();
		assertThat(this.database.value("SELECT count(DISTINCT customer_id) || ' of ' || count(*) FROM customer_audit"))
			.isEqualTo("100 of 100");
	}

	@Test
	void thePrivilegesAreEnoughAndNecessary() throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		this.releases.second();
		Replica migrator = roles.replica(this.database.url(), "none")
			.with("spring.flyway.locations", this.releases.migrations.location())
			.with("headlock.background.locations", this.releases.background.location())
			.with("headlock.background.run", "never");
		migrator.startAndStop();
		this.database.execute("GRANT SELECT, UPDATE ON customer TO " + roles.application(),
				"GRANT SELECT ON flyway_schema_history TO " + roles.application());
		this.releases.insert(1, 50);
		Replica application = this.releases.replica()
			.with("spring.datasource.username", roles.application())
			.with("headlock.skip-migrations", true)
			.with("headlock.background.run", "always");
		Section section = this.page.section("Who works on it");
		List<String> grants = section.nextSql("shop", "public", "shop_application", roles.application())
			.lines()
			.toList();
		assertThat(grants).hasSize(2);
		try (HeadlockLog log = HeadlockLog.open(); ConfigurableApplicationContext context = application.start()) {
			this.database.execute(grants.get(0));
			await().until(() -> log.messages()
				.stream()
				.anyMatch((line) -> line.contains("the role needs SELECT, INSERT, UPDATE and DELETE on")));
			assertThat(this.releases.count("times = 1")).isZero();
			this.database.execute(grants.get(1));
			await().until(() -> this.releases.count("times = 1") == 50);
			assertThat(context.isActive()).isTrue();
		}
		assertThat(section.rest()).isEmpty();
	}

	@Test
	void theRunbook() {
		Section section = DocumentationPage.read("runbook.md").section("A background migration does not finish");
		this.releases.second();
		this.releases.migrations.file("V42__x.sql", "SELECT 1");
		this.releases.background.file("backfill_full_name.sql", Releases.BACKFILL);
		this.releases.background.delete("backfill.sql");
		this.releases.idle().startAndStop();
		this.releases.insert(1, 100);
		// not due, so that a fast machine does not finish it
		this.database.execute("UPDATE %s SET next_at = now() + interval '1 hour'".formatted(TABLE));
		assertThat(failure("1ms")).containsPattern(section.nextLog());
		String look = section.nextSql();
		assertThat(this.database.list(look)).containsExactly("backfill_full_name");
		this.database.execute("UPDATE %s SET state = 'paused'".formatted(TABLE), section.nextSql());
		assertThat(this.releases.state()).isEqualTo("running");
		this.database.execute("ALTER TABLE customer ADD CHECK (id <> 7 OR full_name IS NULL)");
		this.releases.migrations.file("V57__enforce.sql",
				Releases.ENFORCE.replace("background backfill", "background backfill_full_name"));
		assertThat(catchThrowable(this.releases.idle()::startAndStop))
			.hasRootCauseInstanceOf(UpgradeRefusedException.class);
		assertThat(this.releases.state()).isEqualTo("failed");
		assertThat(this.database.list(section.nextSql())).containsExactly("{7}");
		assertThat(section.rest()).isEmpty();
	}

	/** Why a start ends that is to finish them. */
	private String failure(String timeout) {
		return Stream
			.iterate(
					catchThrowable(this.releases.idle()
						.with("headlock.background.finish", true)
						.with("headlock.background.finish-timeout", timeout)::startAndStop),
					Objects::nonNull, Throwable::getCause)
			.filter(BackgroundUnfinishedException.class::isInstance)
			.map((failure) -> ((BackgroundUnfinishedException) failure).getDescription())
			.findFirst()
			.orElseThrow();
	}

	@Test
	void finishing() {
		Section section = this.page.section("Finishing at a start, or in a Job");
		this.releases.second();
		this.releases.migrations.file("V42__x.sql", "SELECT 1");
		this.releases.background.file("backfill_full_name.sql", Releases.BACKFILL);
		this.releases.background.delete("backfill.sql");
		Replica replica = this.releases.idle();
		section.nextBlock()
			.lines()
			.skip(2)
			.map((line) -> line.strip().split(": ", -1))
			.forEach((setting) -> replica.with("headlock.background." + setting[0], setting[1]));
		List<String> shown = section.nextBlock().lines().map(BackgroundMigrationsPageTests::withoutFigures).toList();
		assertThat(shown).hasSize(3);
		try (HeadlockLog log = HeadlockLog.open()) {
			replica.startAndStop();
			assertThat(log.messages()).map(BackgroundMigrationsPageTests::withoutFigures)
				.contains(shown.get(0), shown.get(2));
		}
		this.database.execute("UPDATE %s SET state = 'running', next_at = now() + interval '1 hour'".formatted(TABLE),
				"INSERT INTO customer VALUES (1)");
		String last = section.nextBlock();
		assertThat(withoutFigures(failure("50ms"))).isEqualTo(withoutFigures(last));
		assertThat(section.rest()).isEmpty();
	}

	private static String withoutFigures(String text) {
		return text.replaceAll("running, .*; last changed .* by \"[^\"]*\".*", "running")
			.replaceAll("[\\d.]+ s\\b", "some seconds")
			.replaceAll("after \\d+ min|after some seconds", "after some time");
	}

	@Test
	void operating() throws Exception {
		Section section = this.page.section("Operating it");
		this.releases.second();
		this.releases.migrations.file("V42__x.sql", "SELECT 1");
		this.releases.background.file("backfill_full_name.sql", Releases.BACKFILL);
		this.releases.background.delete("backfill.sql");
		this.releases.idle().startAndStop();
		this.releases.insert(1, 100);
		this.database.execute("ALTER TABLE customer ADD CHECK (id <> 7 OR full_name IS NULL)");
		assertThat(this.database.list(section.nextSql())).containsExactly("backfill_full_name");
		String[] pause = section.nextSql().split(";\n?", -1);
		this.database.execute(pause[0]);
		assertThat(this.releases.state()).isEqualTo("paused");
		this.database.execute(pause[1]);
		try (HeadlockLog log = HeadlockLog.open();
				ConfigurableApplicationContext context = this.releases.replica().start()) {
			await().until(() -> {
				// the next pass is due now, and not in a minute
				this.database.execute("UPDATE %s SET next_at = NULL".formatted(TABLE));
				return this.releases.state().equals("failed");
			});
			assertThat(context.isActive()).isTrue();
			assertThat(this.database.list(section.nextSql())).containsExactly("{7}");
			this.database.execute("ALTER TABLE customer DROP CONSTRAINT customer_check");
			this.database.execute(section.nextSql());
		}
		this.database.execute(section.nextSql());
		assertThat(this.database.value("SELECT full_speed FROM " + TABLE)).isEqualTo("t");
		try (HeadlockLog log = HeadlockLog.open();
				ConfigurableApplicationContext context = this.releases.replica().start()) {
			await().until(() -> this.releases.count("times = 1") == 100);
			List<Pattern> lines = section.nextBlock()
				.lines()
				.map((line) -> Pattern.compile(Pattern.quote(line).replaceAll("\\d+", "\\\\E\\\\d+\\\\Q")))
				.toList();
			assertThat(lines).hasSize(3);
			assertThat(log.messages()).anyMatch((line) -> line
				.startsWith("Background migration \"backfill_full_name\": this process works on it; "));
			assertThat(context.isActive()).isTrue();
		}
		this.database.execute(section.nextSql());
		assertThat(this.releases.state()).isEqualTo("skipped");
		assertThat(this.database.list("SELECT name FROM " + TABLE)).hasSize(1);
		// settings, request and answers of the endpoints
		assertThat(section.rest()).hasSize(4).noneMatch((block) -> block.contains("UPDATE"));
	}

}
