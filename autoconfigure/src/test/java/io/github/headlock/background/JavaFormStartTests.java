package io.github.headlock.background;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import db.javagate.V3__Enforce_in_java;
import io.github.headlock.BackgroundMigration;
import io.github.headlock.BackgroundMigration.Batch;
import io.github.headlock.BackgroundMigration.Definition;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Starts of applications whose background migration is a bean, and whose migration that
 * requires it is a class.
 */
@Tag("every-postgresql")
@Tag("every-version")
class JavaFormStartTests {

	private final TestDatabase database = TestDatabase.create();

	private Releases releases;

	@BeforeEach
	void release(@TempDir Path folder) throws Exception {
		this.releases = new Releases(this.database, folder);
		this.releases.migrations.file("V2__full_name.sql", "ALTER TABLE customer ADD COLUMN full_name text;");
		this.releases.idle().with(Backfill.class).startAndStop();
		this.releases.insert(1, 2000);
	}

	@Test
	void aBeanIsWorkedOnWhileTheApplicationServes() {
		try (ConfigurableApplicationContext context = this.releases.replica().with(Backfill.class).start()) {
			await().until(() -> this.releases.count("times = 1") == 2000);
		}
		assertThat(this.releases.count("full_name = 'first last'")).isEqualTo(2000);
	}

	@Test
	void aBeanIsFinishedBeforeAJavaMigrationThatRequiresIt() {
		third().startAndStop();
		assertThat(this.releases.versions()).containsExactly("1", "2", "3");
		assertThat(this.releases.count("times = 1")).isEqualTo(2000);
	}

	/** Its connection is lost with each batch that takes too long. */
	@Test
	void codeThatTakesTooLongIsFinishedInSmallerBatches() {
		TooSlow.sizes.clear();
		third(TooSlow.class).with("headlock.background.batch-timeout", "300ms").startAndStop();
		assertThat(this.releases.versions()).containsExactly("1", "2", "3");
		assertThat(TooSlow.sizes).startsWith(1000, 500, 250);
		assertThat(this.releases.count("times = 1")).isEqualTo(2000);
	}

	/** Which is where the time ends, and not at the first connection that is lost. */
	@Test
	void codeThatAlwaysTakesTooLongIsRefused() {
		assertThat(Releases.refusal(third(Endless.class).with("headlock.background.batch-timeout", "300ms")
			.with("headlock.background.finalize-within", "2s")))
			.hasMessageContaining("\"backfill\": not finished within 2.0 s");
		assertThat(this.releases.versions()).containsExactly("1", "2");
		assertThat(this.releases.state()).isEqualTo("running");
	}

	@Test
	void codeIsExpectedToTakeLongerThanStatements() {
		this.database.execute("UPDATE flyway_schema_history_background SET rows_estimated = 200000");
		assertThat(Releases.refusal(third())).hasMessageContaining("about 100 s left");
		assertThat(this.releases.versions()).containsExactly("1", "2");
	}

	@Test
	void aJavaMigrationThatIsABeanIsRefusedAsOthersAre() {
		Replica third = this.releases.idle()
			.with(Backfill.class)
			.with(Enforce.class)
			.with("headlock.background.finalize-within", "0s");
		assertThat(Releases.refusal(third))
			.hasMessageContaining("db.javagate.V3__Enforce_in_java requires the background migration \"backfill\": ");
		assertThat(this.releases.versions()).containsExactly("1", "2");
		assertThat(this.releases.count("times = 1")).isZero();
	}

	@Test
	void aJavaMigrationThatRequiresSomethingUnknownIsRefused() {
		Replica third = this.releases.idle()
			.with("spring.flyway.locations", this.releases.migrations.location() + ",classpath:db/javagate");
		assertThat(Releases.refusal(third)).hasMessageContaining("which this release does not declare");
	}

	private Replica third() {
		return third(Backfill.class);
	}

	private Replica third(Class<?> backfill) {
		return this.releases.idle()
			.with(backfill)
			.with("spring.flyway.locations", this.releases.migrations.location() + ",classpath:db/javagate");
	}

	/** Which is created when the schema is ready, and not before. */
	@Test
	void aBeanThatNeedsTheSchemaIsRefused() {
		Throwable failure = NestedExceptionUtils
			.getMostSpecificCause(catchThrowable(this.releases.idle().with(NeedsJdbcTemplate.class)::startAndStop));
		assertThat(failure).isInstanceOf(InvalidBackgroundMigrationException.class)
			.hasMessageContaining("the bean \"hashing\"")
			.hasMessageContaining("it needs a bean that is created when the schema is ready");
		assertThat(((InvalidBackgroundMigrationException) failure).getAction()).contains("batch.jdbc()");
	}

	@Test
	void aBeanOfAScopeThatDoesNotExistIsNamed() {
		Throwable failure = catchThrowable(this.releases.idle().with(OfRequests.class)::startAndStop);
		assertThat(failure)
			.hasStackTraceContaining("The declaration in the bean \"hashing\" is not valid: it cannot be "
					+ "created: No Scope registered for scope name 'request'");
	}

	private static int fill(Batch batch) {
		List<Object[]> rows = batch.jdbc()
			.query("SELECT id, first_name, last_name FROM customer WHERE " + batch.condition(),
					(row, number) -> new Object[] { row.getString("first_name") + ' ' + row.getString("last_name"),
							row.getLong("id") },
					batch.arguments());
		batch.jdbc().batchUpdate("UPDATE customer SET full_name = ?, times = times + 1 WHERE id = ?", rows);
		return rows.size();
	}

	@Configuration(proxyBeanMethods = false)
	static class Backfill {

		@Bean
		BackgroundMigration backfillOfNames() {
			return BackgroundMigration.of(
					Definition.of("backfill").table("customer").since("2").where("full_name IS NULL"),
					JavaFormStartTests::fill);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TooSlow {

		static final List<Integer> sizes = new CopyOnWriteArrayList<>();

		@Bean
		BackgroundMigration backfillOfNames() {
			return BackgroundMigration
				.of(Definition.of("backfill").table("customer").since("2").where("full_name IS NULL"), (batch) -> {
					sizes.add(JavaFormTests.ids(batch).size());
					while (sizes.size() < 3) {
						batch.jdbc().execute("SELECT pg_sleep(0.01)");
					}
					return fill(batch);
				});
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Endless {

		@Bean
		BackgroundMigration backfillOfNames() {
			return BackgroundMigration
				.of(Definition.of("backfill").table("customer").since("2").where("full_name IS NULL"), (batch) -> {
					while (true) {
						batch.jdbc().execute("SELECT pg_sleep(0.01)");
					}
				});
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Enforce {

		@Bean
		V3__Enforce_in_java enforce() {
			return new V3__Enforce_in_java();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OfRequests {

		@Bean
		@Scope("request")
		BackgroundMigration hashing() {
			return BackgroundMigration
				.of(Definition.of("hashing").table("customer").since("2").where("full_name IS NULL"), (batch) -> 0);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(JdbcTemplateAutoConfiguration.class)
	static class NeedsJdbcTemplate {

		@Bean
		BackgroundMigration hashing(JdbcTemplate jdbc) {
			return BackgroundMigration
				.of(Definition.of("hashing").table("customer").since("2").where("full_name IS NULL"), (batch) -> 0);
		}

	}

}
