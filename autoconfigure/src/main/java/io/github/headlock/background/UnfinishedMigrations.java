package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.lock.MigrationLock;
import org.jspecify.annotations.Nullable;

/**
 * Tells which background migrations of a release are not finished, and how far they are.
 */
final class UnfinishedMigrations {

	/** Shorter pauses are those between batches. */
	private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(10);

	private final BackgroundMigrations migrations;

	private final BackgroundStore store;

	private final GateCheck check;

	UnfinishedMigrations(BackgroundMigrations migrations, HistoryTable history) {
		this.migrations = migrations;
		this.store = new BackgroundStore(history, MigrationLock.isHeldSql(history));
		this.check = new GateCheck(migrations, this.store, history);
	}

	BackgroundTables tables() {
		return this.store.tables();
	}

	/**
	 * Finds those that are neither finished nor skipped, without the one that need not be
	 * finished.
	 * @param states what the database has
	 */
	List<Unfinished> of(List<Progress> states) {
		Map<String, Progress> byName = new HashMap<>();
		states.forEach((progress) -> byName.put(progress.name(), progress));
		List<Unfinished> unfinished = new ArrayList<>();
		for (BackgroundDefinition definition : this.migrations.definitions()) {
			Progress progress = byName.get(definition.name());
			if (definition.name().equals(this.migrations.settings().skip())) {
				continue;
			}
			if (progress == null
					|| (progress.state() != BackgroundState.FINISHED && progress.state() != BackgroundState.SKIPPED)) {
				unfinished.add(of(definition, progress));
			}
		}
		return unfinished;
	}

	/** Reads which are neither finished nor skipped. */
	List<Unfinished> read(Connection connection) throws SQLException {
		return of(this.store.tables().exist(connection) ? this.store.readAll(connection) : List.of());
	}

	/** All of them, where the states cannot be read. */
	List<Unfinished> unknown() {
		return this.migrations.definitions()
			.stream()
			.map((definition) -> new Unfinished(definition.name(), null, "how far it is cannot be read", null))
			.toList();
	}

	private Unfinished of(BackgroundDefinition definition, @Nullable Progress progress) {
		String name = definition.name();
		if (progress == null) {
			return new Unfinished(name, null, "not registered", null);
		}
		Verdict verdict = switch (progress.state()) {
			case PAUSED, FAILED -> this.check.stopped(definition, progress);
			default -> progress.hash().equals(definition.hash()) ? Verdict.OPEN : this.check.ofAnotherText(progress);
		};
		String objection = verdict.objection();
		return new Unfinished(name, progress, (objection != null) ? objection : describe(definition, progress),
				verdict.remedy());
	}

	private String describe(BackgroundDefinition definition, Progress progress) {
		StringBuilder text = new StringBuilder(progress.state().toString());
		text.append((progress.rowsSeen() > 0)
				? ", " + Estimate.of(progress, definition.effect(), this.migrations.settings().load()).describe()
				: ", not begun");
		Duration silent = progress.sinceUpdate();
		if (silent != null && progress.updatedBy() != null) {
			text.append(String.format(Locale.ROOT, "; last changed %s ago by \"%s\"", Amounts.duration(silent),
					progress.updatedBy()));
		}
		if (progress.state() == BackgroundState.RUNNING && progress.hold().because() != null) {
			text.append("; held: ").append(progress.hold().because());
		}
		else if (progress.pause().compareTo(SHORTEST_PAUSE) > 0) {
			text.append("; pauses for another ").append(Amounts.duration(progress.pause()));
		}
		return text.toString();
	}

	/** As one line. */
	static String join(List<Unfinished> unfinished) {
		return unfinished.stream().map(Unfinished::toString).collect(Collectors.joining("; "));
	}

	/** What to do about those that nobody works on, empty if there is none. */
	static List<String> remedies(List<Unfinished> unfinished) {
		return unfinished.stream().map(Unfinished::remedy).filter(Objects::nonNull).distinct().toList();
	}

	/**
	 * One that is not finished.
	 *
	 * @param name its name
	 * @param progress what the database has of it, {@code null} for nothing
	 * @param problem how far it is, or why nobody works on it
	 * @param remedy what to do before anybody works on it, {@code null} if that may be
	 * now
	 */
	record Unfinished(String name, @Nullable Progress progress, String problem, @Nullable String remedy) {

		@Override
		public String toString() {
			return '"' + this.name + "\": " + this.problem;
		}

	}

}
