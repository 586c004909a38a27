package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.schema.UpgradeDirectives;
import io.github.headlock.schema.VersionedMigration;
import io.github.headlock.upgrade.UpgradeRefusedException;
import io.github.headlock.upgrade.UpgradeRefusedException.Violation;
import io.github.headlock.waiting.ShutdownCancellation;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * Lets migrations begin only when the background migrations that they require are
 * finished, under the migration lock. What can be finished in time is finished here.
 */
public final class BackgroundGate {

	private final BackgroundMigrations migrations;

	private final GateConnections connections;

	private final HistoryTable history;

	private final BackgroundStore store;

	private final GateCheck check;

	/** Of the pending migrations, by their scripts. */
	private final Map<String, List<Requirement>> requirements = new LinkedHashMap<>();

	/** What was found to need work when the gates were closed. */
	private List<Requirement> toFinish = List.of();

	/** Scripts that may be begun now. */
	private final Set<String> open = new HashSet<>();

	/** Whether all pending migrations are one transaction. */
	private boolean group;

	private List<MigrationVersion> pending = List.of();

	/** Highest version that is applied. */
	private @Nullable MigrationVersion current;

	private @Nullable MigrationVersion head;

	/**
	 * Creates a gate that lets everything pass, until it is closed.
	 * @param migrations the background migrations of this release
	 * @param connections connections of the role that migrates
	 * @param history the history table
	 * @param shutdown cancels a long look or change when the JVM is told to end
	 */
	public BackgroundGate(BackgroundMigrations migrations, MigrationConnections connections, HistoryTable history,
			ShutdownCancellation shutdown) {
		this.migrations = migrations;
		this.connections = new GateConnections(connections, shutdown);
		this.history = history;
		this.store = new BackgroundStore(history, MigrationLock.isHeldSql(history));
		this.check = new GateCheck(migrations, this.store, history);
	}

	/**
	 * Closes the gate of each migration that requires something. Refuses what cannot be
	 * done, and changes nothing yet.
	 * @param lock the migration lock
	 * @param upgrade the upgrade and what its scripts require
	 * @param group whether all pending migrations are one transaction
	 * @throws UpgradeRefusedException if a migration must not be begun
	 * @throws InvalidBackgroundMigrationException if a line cannot be understood
	 * @throws DatabaseUnavailableException if the state cannot be read
	 */
	public void close(HeldLock lock, UpgradeDirectives upgrade, boolean group) {
		this.current = upgrade.upgrade().current();
		List<Requirement> all = ofRowsThatAreThere(lock, Requirement.of(upgrade.directives()));
		if (all.isEmpty()) {
			return;
		}
		this.group = group;
		this.head = upgrade.upgrade().head();
		this.pending = upgrade.upgrade().pending().stream().map(VersionedMigration::order).toList();
		all.forEach(
				(requirement) -> this.requirements.computeIfAbsent(requirement.script(), (script) -> new ArrayList<>())
					.add(requirement));
		this.toFinish = judge(lock, all, group, 0);
	}

	/** Without a history, what has no rows yet is made by this upgrade. */
	private List<Requirement> ofRowsThatAreThere(HeldLock lock, List<Requirement> all) {
		return (this.current != null || all.isEmpty()) ? all : this.connections.run(lock,
				"looking whether there are rows", (connection) -> this.check.ofRowsThatAreThere(connection, all));
	}

	/**
	 * Finishes what can be finished before the upgrade, and opens the gates for which
	 * that is enough.
	 * @param lock the migration lock
	 * @throws UpgradeRefusedException if something was not finished in time
	 * @throws DatabaseUnavailableException if the state cannot be read
	 */
	public void finish(HeldLock lock) {
		finish(lock, this.toFinish.stream().filter(this::isRunnable).toList(), 0);
		MigrationVersion first = this.pending.stream().min(MigrationVersion::compareTo).orElse(null);
		this.requirements.values()
			.stream()
			.flatMap(List::stream)
			.filter((requirement) -> this.group || requirement.migration().order().equals(first))
			.map(Requirement::script)
			.filter((script) -> this.toFinish.stream()
				.allMatch((requirement) -> !requirement.script().equals(script) || isRunnable(requirement)))
			.forEach(this.open::add);
	}

	/** Whether what it needs is applied, in whatever order versions were. */
	private boolean isRunnable(Requirement requirement) {
		return this.migrations.find(requirement.background()).filter(this::isRunnable).isPresent();
	}

	private boolean isRunnable(BackgroundDefinition definition) {
		return this.pending.stream().noneMatch((version) -> version.compareTo(definition.since()) <= 0);
	}

	/**
	 * Returns whether a migration may be begun now.
	 * @param script its path
	 * @return {@code false} if {@link #open} is to be called first
	 */
	public boolean isOpen(String script) {
		return !this.requirements.containsKey(script) || this.open.contains(script);
	}

	/**
	 * Closes what is open: time has passed, in which rows may have been written.
	 */
	public void closeAgain() {
		if (!this.group) {
			this.open.clear();
		}
	}

	/**
	 * Opens the gate before a migration that would be the next one, when what it requires
	 * is finished.
	 * @param lock the migration lock
	 * @param script path of the migration
	 * @param applied number of migrations that this start has applied
	 * @throws UpgradeRefusedException if it must not be begun
	 * @throws DatabaseUnavailableException if the state cannot be read
	 */
	public void open(HeldLock lock, String script, int applied) {
		List<Requirement> required = this.requirements.getOrDefault(script, List.of());
		MigrationVersion version = required.get(0).migration().order();
		this.pending.stream()
			.filter((pending) -> pending.compareTo(version) < 0)
			.max(MigrationVersion::compareTo)
			.ifPresent((below) -> this.current = below);
		this.pending = this.pending.stream().filter((pending) -> pending.compareTo(version) >= 0).toList();
		finish(lock, judge(lock, required, false, applied), applied);
		this.open.add(script);
	}

	private List<Requirement> judge(HeldLock lock, List<Requirement> requirements, boolean group, int applied) {
		List<Requirement> toFinish = new ArrayList<>();
		List<Violation> violations = new ArrayList<>();
		boolean goesOn = true;
		Map<Requirement, Verdict> verdicts = this.connections.run(lock,
				"looking whether background migrations are finished",
				(connection) -> judge(connection, requirements, group));
		for (Requirement requirement : requirements) {
			Verdict verdict = Objects.requireNonNull(verdicts.get(requirement));
			if (verdict.objection() != null) {
				violations.add(requirement.violation(verdict));
				goesOn = goesOn && verdict.goesOn();
			}
			else if (verdict.toFinish()) {
				toFinish.add(requirement);
			}
		}
		if (!violations.isEmpty()) {
			throw refusal(violations, applied, "Nothing was changed: the release that ran until now can go on"
					+ (goesOn ? ", and goes on with it." : "."));
		}
		return toFinish;
	}

	private Map<Requirement, Verdict> judge(Connection connection, List<Requirement> requirements, boolean group)
			throws SQLException {
		Map<Requirement, Verdict> verdicts = new HashMap<>();
		for (Requirement requirement : requirements) {
			verdicts.put(requirement, this.check.judge(connection, requirement, this::isRunnable, group));
		}
		return verdicts;
	}

	private void finish(HeldLock lock, List<Requirement> requirements, int applied) {
		Set<String> finished = new HashSet<>();
		for (Requirement requirement : requirements) {
			if (!finished.add(requirement.background())) {
				continue;
			}
			BackgroundDefinition definition = this.migrations.find(requirement.background()).orElseThrow();
			Verdict verdict = new Finalization(this.migrations, this.history, this.store, this.check, definition,
					Objects.requireNonNull(this.head))
				.run(this.connections, lock, requirement.script());
			if (verdict.objection() != null) {
				throw refusal(List.of(requirement.violation(verdict)), applied,
						"No migration was applied; what was done of the background migration stays. The release that ran until "
								+ "now can go on" + (verdict.goesOn() ? ", and goes on with it." : "."));
			}
		}
	}

	private UpgradeRefusedException refusal(List<Violation> violations, int applied, String consequence) {
		String current = text(this.current);
		return new UpgradeRefusedException(this.history.schema(), current, text(this.head), violations, applied,
				(applied > 0) ? String.format(Locale.ROOT,
						"%d migrations were applied before, up to version %s, and stay. The next start goes on from there.",
						applied, current) : consequence);
	}

	private static @Nullable String text(@Nullable MigrationVersion version) {
		return (version != null) ? version.toString() : null;
	}

	/**
	 * Takes note that a migration has failed although what it requires was finished: rows
	 * that need it were written since.
	 * @param script path of the migration
	 * @return names of the background migrations, which run again now; none if it
	 * requires none
	 */
	public List<String> reopen(String script) {
		List<Requirement> required = this.requirements.getOrDefault(script, List.of());
		if (required.isEmpty()) {
			return List.of();
		}
		List<String> reopened = new ArrayList<>();
		this.connections.tryTo("The background migrations that " + script + " requires cannot be let run again",
				(connection) -> {
					for (Requirement requirement : required) {
						Optional<BackgroundDefinition> definition = this.migrations.find(requirement.background());
						if (definition.isPresent() && this.check.isNeeded(connection, definition.get()) && Transactions
							.run(connection, () -> this.store.reopen(connection, requirement.background()))) {
							reopened.add(requirement.background());
						}
					}
				});
		return reopened;
	}

	/**
	 * Sets back what another start has left that was killed while it finished something:
	 * the processes that were to help with it would work during this migration. What goes
	 * wrong is said in the log.
	 */
	public void resetAbandoned() {
		if (!this.migrations.isEmpty()) {
			this.connections.tryTo("Background migrations may be worked on during this migration",
					(connection) -> Transactions.run(connection, () -> this.store.resetAbandoned(connection, true)));
		}
	}

	/**
	 * Registers the background migrations of a release that has just migrated, so that
	 * processes without the right to make tables can work on them. What goes wrong is
	 * said in the log: the migration is done.
	 * @param releaseHead highest version of this release, {@code null} if it has none
	 */
	public void register(@Nullable MigrationVersion releaseHead) {
		if (this.migrations.isEmpty() || releaseHead == null) {
			return;
		}
		this.connections.tryTo("The background migrations of this release are not registered yet",
				(connection) -> new BackgroundRegistration(this.store, this.migrations.definitions(),
						this.history.backgroundLockKey(), releaseHead)
					.register(connection, true));
	}

}
