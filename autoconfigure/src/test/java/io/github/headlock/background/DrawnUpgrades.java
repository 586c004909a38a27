package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import io.github.headlock.background.GatedReleases.Release;
import io.github.headlock.background.GatedReleases.Text;
import io.github.headlock.background.Step.Kind;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.upgrade.UpgradeRefusedException;
import io.github.headlock.upgrade.UpgradeRefusedException.Rule;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * What happens to a database in the course of some releases, drawn from a seed, and what
 * each start is to do then.
 */
final class DrawnUpgrades {

	private static final Duration LONG = Duration.ofSeconds(30);

	/** For finishing what cannot be finished. */
	private static final Duration SHORT = Duration.ofMillis(300);

	private final Random random;

	private final TestDatabase database;

	/** To look, and to do what operators and applications do. */
	private final Connection others;

	private final GatedSchema schema;

	private final GatedReleases releases;

	private final BackgroundStore store = new BackgroundStore(Customers.HISTORY,
			MigrationLock.isHeldSql(Customers.HISTORY));

	private final StringBuilder story = new StringBuilder();

	/** What runs, {@code null} if nothing does. */
	private @Nullable Release running;

	/** Holds a row that still needs it, {@code null} if nobody does. */
	private @Nullable Connection locker;

	DrawnUpgrades(long seed, TestDatabase database, Connection others, GatedReleases releases) throws SQLException {
		this.random = new Random(seed * 0x9E3779B97F4A7C15L);
		this.database = database;
		this.others = others;
		this.schema = new GatedSchema(others);
		this.releases = releases;
		Statements.update(others, "DROP SCHEMA public CASCADE");
		Statements.update(others, "CREATE SCHEMA public");
	}

	/** Lets it happen, and tells of each start how it ended. */
	List<Ending> play() throws SQLException {
		List<Ending> endings = new ArrayList<>();
		try {
			for (int events = 8 + this.random.nextInt(8); events > 0
					&& this.schema.head() < GatedReleases.HEAD; events--) {
				event(endings);
			}
			return endings;
		}
		finally {
			unlock();
		}
	}

	private void event(List<Ending> endings) throws SQLException {
		int draw = this.random.nextInt(20);
		if (this.schema.head() == 0 || draw < 6) {
			endings.add(start());
		}
		else if (draw < 11) {
			insert();
		}
		else if (draw < 14) {
			work();
		}
		else if (draw < 17) {
			setState();
		}
		else {
			lock();
		}
	}

	private void tell(String event) {
		this.story.append("; ").append(event);
	}

	private void insert() throws SQLException {
		int rows = 1 + this.random.nextInt(30);
		tell(rows + " rows in old form");
		Statements.update(this.others,
				"INSERT INTO customer (first_name, last_name) SELECT 'first', 'last' FROM generate_series(1, ?)", rows);
	}

	private void setState() throws SQLException {
		String state = pick("paused", "failed", "running", "running", "running", "finished", "finished", "finalizing",
				"skipped");
		if (this.schema.state() != null) {
			tell("set to " + state);
			Statements.update(this.others, "UPDATE flyway_schema_history_background SET state = ?", state);
		}
	}

	private void lock() throws SQLException {
		if (this.locker == null && this.schema.head() > 1 && this.schema.hasOldRows()) {
			tell("a row is locked");
			this.locker = this.database
				.inTransaction("SELECT 1 FROM customer WHERE full_name IS NULL LIMIT 1 FOR UPDATE");
		}
	}

	private void unlock() throws SQLException {
		if (this.locker != null) {
			this.locker.close();
			this.locker = null;
		}
	}

	/** The runner of what runs makes some steps, if the schema is at its head. */
	private void work() throws SQLException {
		Release release = this.running;
		if (release == null || release.text() == Text.NONE || this.schema.head() != release.head()) {
			return;
		}
		int steps = 1 + this.random.nextInt(15);
		tell(steps + " steps of " + release);
		List<BackgroundDefinition> definitions = this.releases.declarations(release.text(), LONG, null).definitions();
		BackgroundWork work = new BackgroundWork(this.store, definitions.get(0), Customers.settings(), Pace.WITH_PAUSES,
				Customers.HISTORY);
		try (Connection connection = Customers.connect(this.database.url())) {
			new BackgroundRegistration(this.store, definitions, Customers.HISTORY.backgroundLockKey(),
					MigrationVersion.fromVersion(String.valueOf(release.head())))
				.register(connection, false);
			Transactions.run(connection, () -> this.store.resetAbandoned(connection, false));
			for (Kind kind = Kind.WORKED; steps > 0 && kind == Kind.WORKED; steps--) {
				kind = work.step(connection).kind();
			}
		}
		unlock();
	}

	private Release release() throws SQLException {
		int current = this.schema.head();
		int head = (current == 0) ? pick(1, 1, 2, 2, 2, 4) : current + pick(-1, 0, 1, 1, 1, 2, 3);
		Text text = pick(Text.NONE, Text.ONE, Text.ONE, Text.ONE, Text.ONE, Text.OTHER, Text.OTHER);
		return new Release(Math.max(1, Math.min(GatedReleases.HEAD, head)), (head < 2) ? Text.NONE : text);
	}

	@SafeVarargs
	private <T> T pick(T... values) {
		return values[this.random.nextInt(values.length)];
	}

	private Ending start() throws SQLException {
		Release release = release();
		// who skips one that the release does not know is refused for that
		boolean skip = this.random.nextInt(12) == 0
				&& (release.text() != Text.NONE || release.head() >= GatedReleases.GATED.get(0));
		boolean group = this.random.nextInt(6) == 0;
		boolean never = this.random.nextInt(3) == 0;
		List<String> before = this.schema.applied();
		Ending expected = expected(release, skip, group, never);
		Duration within = never ? Duration.ZERO : (expected == Ending.TAKES_TOO_LONG) ? SHORT : LONG;
		tell("%s with finalize-within=%s%s%s".formatted(release, within, skip ? ", skip" : "", group ? ", group" : ""));
		Throwable failure = catchThrowable(() -> this.releases.start(release, within, skip, group));
		tell("-> " + ((failure != null) ? failure.getMessage() : "started"));
		Ending ending = ending(failure);
		assertThat(ending).as("the ending").isEqualTo(expected.seen());
		if (failure instanceof UpgradeRefusedException refusal) {
			assertRefused(refusal, before);
		}
		else if (failure == null) {
			this.running = release;
			assertThat(this.schema.applied()).hasSize(Math.max(before.size(), release.head()));
		}
		if (expected == Ending.FINISHED) {
			assertThat(this.schema.state()).isEqualTo("finished");
			assertThat(this.schema.hasOldRows()).isFalse();
		}
		assertThat(this.schema.isLocked()).as("advisory locks").isFalse();
		if (this.schema.head() >= 2) {
			assertThat(this.schema.hasRows("(full_name IS NULL) <> (times = 0) OR times > 1"))
				.as("rows changed not once")
				.isFalse();
		}
		unlock();
		return expected;
	}

	private static Ending ending(@Nullable Throwable failure) {
		if (failure == null) {
			return Ending.STARTED;
		}
		if (failure instanceof UpgradeRefusedException) {
			return Ending.REFUSED;
		}
		assertThat(failure).hasStackTraceContaining("rows in old form");
		return Ending.BROKEN;
	}

	private void assertRefused(UpgradeRefusedException refusal, List<String> before) throws SQLException {
		assertThat(refusal.getExitCode()).isEqualTo(11);
		assertThat(refusal.getViolations()).isNotEmpty().allMatch((violation) -> violation.rule() == Rule.BACKGROUND);
		assertThat(refusal.getMessage()).containsPattern(
				"  - V\\d__enforce\\w*.sql requires the background migration \"backfill\": (not |which |paused|failed|"
						+ "running, |finalizing, |was finished, |needs version 2 first)");
		assertThat(refusal.getAction()).isNotEmpty();
		assertThat(refusal.getApplied()).isZero();
		assertThat(this.schema.applied()).isEqualTo(before);
	}

	/** What the pages say, in the order in which it counts. */
	private Ending expected(Release release, boolean skip, boolean group, boolean never) throws SQLException {
		int head = this.schema.head();
		if (head == 0 || GatedReleases.GATED.stream().noneMatch((gate) -> gate > head && gate <= release.head())) {
			return Ending.STARTED;
		}
		String state = this.schema.state();
		if (skip || (release.text() != Text.NONE && "skipped".equals(state))) {
			return this.schema.hasOldRows() ? Ending.BROKEN : Ending.STARTED;
		}
		if (release.text() == Text.NONE || "paused".equals(state) || "failed".equals(state)) {
			return Ending.REFUSED;
		}
		if (head == 1) {
			return (group || never) ? Ending.REFUSED : Ending.FINISHED;
		}
		if ("finished".equals(state) && !this.schema.hasOldRows()) {
			return Ending.FINISHED;
		}
		if (never) {
			return Ending.REFUSED;
		}
		return (this.locker != null || isAnothersText(release)) ? Ending.TAKES_TOO_LONG : Ending.FINISHED;
	}

	/** Whether a later release works on another text of it. */
	private boolean isAnothersText(Release release) throws SQLException {
		String hash = this.releases.declarations(release.text(), LONG, null).definitions().get(0).hash();
		return this.schema.state() != null && Statements.isTrue(this.others,
				"SELECT definition_hash <> ? AND release_head::int > ? FROM flyway_schema_history_background", hash,
				release.head());
	}

	@Override
	public String toString() {
		return this.story.toString();
	}

	/** How a start ends. */
	enum Ending {

		/** It goes on, and no gate was in its way. */
		STARTED,

		/** It goes on, and what is required is finished. */
		FINISHED,

		/** It is refused. */
		REFUSED,

		/** It is refused after a try to finish what is required. */
		TAKES_TOO_LONG,

		/** The migration fails, as somebody has decided. */
		BROKEN;

		Ending seen() {
			return switch (this) {
				case FINISHED -> STARTED;
				case TAKES_TOO_LONG -> REFUSED;
				default -> this;
			};
		}

	}

}
