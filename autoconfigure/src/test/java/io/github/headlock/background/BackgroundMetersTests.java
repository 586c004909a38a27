package io.github.headlock.background;

import java.nio.file.Path;

import io.github.headlock.test.Meters;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The meters of background migrations.
 */
class BackgroundMetersTests {

	private static final String TABLE = "flyway_schema_history_background";

	private final TestDatabase database = TestDatabase.create();

	private final Releases releases;

	BackgroundMetersTests(@TempDir Path folder) throws Exception {
		this.releases = new Releases(this.database, folder);
	}

	private static double counter(String meter, String result) {
		return Meters.ofLastStart().get(meter).tag("name", "backfill").tag("result", result).functionCounter().count();
	}

	private static double progress() {
		return Meters.ofLastStart().get("headlock.background.progress").tag("name", "backfill").gauge().value();
	}

	/** Unfinished, failed and held. */
	private static String numbers() {
		MeterRegistry meters = Meters.ofLastStart();
		return meters.get("headlock.background.unfinished").gauge().value() + " "
				+ meters.get("headlock.background.failed").gauge().value() + " "
				+ meters.get("headlock.background.held").gauge().value();
	}

	@Test
	void aReleaseThatDeclaresNoneHasNone() {
		this.releases.replica().with(Meters.class).startAndStop();
		assertThat(Meters.ofLastStart().getMeters()).extracting((Meter meter) -> meter.getId().getName())
			.contains("headlock.schema.at.head")
			.noneMatch((name) -> name.startsWith("headlock.background"));
	}

	@Test
	void whatAProcessDoesIsCountedAndHowFarItIsIsShown() {
		this.releases.idle().startAndStop();
		this.releases.insert(1, 100);
		try (ConfigurableApplicationContext context = this.releases.second().replica().with(Meters.class).start()) {
			await().until(() -> counter("headlock.background.rows", "changed") == 100);
			assertThat(context.isActive()).isTrue();
			assertThat(counter("headlock.background.batches", "done")).isPositive();
			assertThat(counter("headlock.background.batches", "failed")).isZero();
			await().untilAsserted(() -> assertThat(numbers()).isEqualTo("1.0 0.0 0.0"));
			await().until(() -> {
				// the next pass is due now, and not in a minute
				this.database.execute("UPDATE %s SET next_at = NULL".formatted(TABLE));
				return this.releases.state().equals("finished");
			});
			assertThat(counter("headlock.background.rows", "unchanged")).isEqualTo(100);
			await().untilAsserted(() -> assertThat(progress()).isEqualTo(1));
			assertThat(numbers()).isEqualTo("0.0 0.0 0.0");
		}
	}

	@Test
	void whatIsDoneAtTheGateIsCounted() {
		this.releases.idle().startAndStop();
		this.releases.insert(1, 100);
		this.releases.second().idle().startAndStop();
		this.releases.third().idle().with(Meters.class).startAndStop();
		assertThat(counter("headlock.background.rows", "changed")).isEqualTo(100);
	}

	@Test
	void everyProcessShowsTheStates() {
		this.releases.idle().startAndStop();
		try (ConfigurableApplicationContext context = this.releases.second().idle().with(Meters.class).start()) {
			System.gc();
			await().untilAsserted(() -> assertThat(numbers()).isEqualTo("1.0 0.0 0.0"));
			assertThat(progress()).isNaN();
			set("rows_estimated = 200, seen_in_pass = 50, held_because = 'the WAL'");
			await().untilAsserted(() -> assertThat(numbers()).isEqualTo("1.0 0.0 1.0"));
			assertThat(progress()).isEqualTo(0.25);
			set("state = 'failed'");
			await().untilAsserted(() -> assertThat(numbers()).isEqualTo("1.0 1.0 0.0"));
			set("state = 'skipped'");
			await().untilAsserted(() -> assertThat(numbers()).isEqualTo("0.0 0.0 0.0"));
			this.database.execute("DROP TABLE %1$s, %1$s_batch".formatted(TABLE));
			await().untilAsserted(() -> assertThat(numbers()).isEqualTo("1.0 0.0 0.0"));
			assertThat(context.isActive()).isTrue();
		}
	}

	private void set(String assignments) {
		this.database.execute("UPDATE %s SET %s".formatted(TABLE, assignments));
	}

	@Test
	void whatCannotBeReadIsNotANumber() throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		this.releases.second().idle().startAndStop();
		this.database.execute("GRANT SELECT ON flyway_schema_history TO " + roles.application());
		try (ConfigurableApplicationContext context = this.releases.idle()
			.with(Meters.class)
			.with("spring.datasource.username", roles.application())
			.with("headlock.skip-migrations", true)
			.start()) {
			await()
				.until(() -> context.getBean(MeterRegistry.class).get("headlock.schema.at.head").gauge().value() == 1);
			assertThat(numbers()).isEqualTo("NaN NaN NaN");
			assertThat(progress()).isNaN();
			assertThat(counter("headlock.background.rows", "changed")).isZero();
		}
	}

}
