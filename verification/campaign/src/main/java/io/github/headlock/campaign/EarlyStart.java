package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import io.github.headlock.campaign.Invariant.Violation;

/**
 * A start of the release with the gated migration, at which a row needs the background
 * migration that somebody has locked: it must be refused, and change nothing, and the
 * release before must go on.
 */
final class EarlyStart {

	static final String FINALIZE_WITHIN = "--headlock.background.finalize-within=";

	private static final String TEXT_TAKEN_OVER = "its text has changed; the new one goes on";

	private static final int ATTEMPTS = 100;

	private static final String LOCK = "SELECT n FROM customer WHERE n = %d AND full_name IS NULL FOR UPDATE SKIP LOCKED";

	/** Whether nothing was tried, or what was possible was done before the migration. */
	private static final List<String> CONSEQUENCES = List.of("Nothing was changed", "No migration was applied");

	private final BackgroundStage stage;

	private final BackgroundReplicas replicas;

	private final Duration patience;

	private boolean textTakenOver;

	EarlyStart(BackgroundStage stage, BackgroundReplicas replicas, Duration patience) {
		this.stage = stage;
		this.replicas = replicas;
		this.patience = patience;
	}

	/**
	 * Starts a process, waits for its end, and then for the release before.
	 * @param name its name
	 * @param within how long it may take to finish the background migration
	 * @return what was wrong
	 */
	List<Violation> of(String name, Duration within) throws SQLException {
		List<Violation> violations = new ArrayList<>();
		ReleaseBefore releaseBefore = ReleaseBefore.of(this.stage.progress());
		try (Connection locker = this.stage.database().connect()) {
			locker.setAutoCommit(false);
			lockRow(locker);
			List<String> before = Inspection.history(this.stage.database());
			ReplicaProcess process = this.replicas.attempt(name, this.stage.last(),
					FINALIZE_WITHIN + within.toMillis() + "ms");
			boolean ended = Wait.until(this.patience, () -> !process.isAlive());
			if (!ended) {
				process.kill();
			}
			List<String> after = Inspection.history(this.stage.database());
			if (process.exitCode() != BackgroundVerdict.REFUSED) {
				violations.add(new Violation(Invariant.REFUSAL, String.format(Locale.ROOT, "exit code %d instead of %d",
						process.exitCode(), BackgroundVerdict.REFUSED)));
			}
			if (!before.equals(after)) {
				violations.add(new Violation(Invariant.REFUSAL,
						String.format(Locale.ROOT, "history %s instead of %s", after, before)));
			}
			if (CONSEQUENCES.stream().noneMatch(process.log()::contains)) {
				violations.add(new Violation(Invariant.REFUSAL, "it does not say what was changed"));
			}
			this.textTakenOver = process.log().contains(TEXT_TAKEN_OVER);
			this.stage.timeline().note("the start too early has ended with exit code %d", process.exitCode());
			locker.rollback();
		}
		violations.addAll(releaseBefore.goOn(this.stage.goesOnWithin()));
		return violations;
	}

	/**
	 * Whether the start has taken the migration from the release before, with another
	 * text.
	 */
	boolean hasTakenTextOver() {
		return this.textTakenOver;
	}

	private void lockRow(Connection locker) throws SQLException {
		for (int i = 0; i < ATTEMPTS; i++) {
			long n = this.stage.traffic().nextRow();
			this.stage.database()
				.execute(String.format(Locale.ROOT,
						"INSERT INTO customer (id, n, first_name) VALUES (%s, %d, 'too early')",
						this.stage.scenario().uuid() ? "gen_random_uuid()" : String.valueOf(n), n));
			if (!RoundDatabase.list(locker, String.format(Locale.ROOT, LOCK, n)).isEmpty()) {
				return;
			}
			locker.rollback();
		}
		throw new IllegalStateException("The row is always changed before it is locked");
	}

}
