package io.github.headlock.history;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import io.github.headlock.history.HistoryRow.Role;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.extensibility.AppliedMigration;
import org.flywaydb.core.extensibility.MigrationType;

/**
 * Tells what Flyway makes of the types in its history table, which depends on its edition
 * and its plug-ins. Thread-safe.
 */
final class MigrationTypes {

	private static final String COMMUNITY = "org.flywaydb.core.internal.schemahistory.BaseAppliedMigration";

	private static final Known UNKNOWN = new Known("", Role.UNKNOWN);

	private final List<AppliedMigration> plugins;

	private final Map<String, Known> known = new ConcurrentHashMap<>();

	MigrationTypes(List<AppliedMigration> plugins) {
		this.plugins = plugins;
	}

	/**
	 * Finds the types of a Flyway. Of another one than those that this class was written
	 * for, all types are unknown, so that it decides by itself.
	 */
	static MigrationTypes of(Configuration configuration) {
		try {
			return new MigrationTypes(configuration.getPluginRegister().getInstancesOf(AppliedMigration.class));
		}
		catch (LinkageError | RuntimeException ex) {
			return new MigrationTypes(List.of());
		}
	}

	/** The type by its present name: Flyway has renamed one. */
	String nameOf(String type) {
		Known found = find(type);
		return (found.role() != Role.UNKNOWN) ? found.name() : type;
	}

	Role roleOf(String type) {
		return find(type).role();
	}

	private Known find(String type) {
		return this.known.computeIfAbsent(type, this::ask);
	}

	private Known ask(String type) {
		try {
			// Flyway finds a type in any case, and then fails to read it
			Optional<AppliedMigration> plugin = type.equals(type.toUpperCase(Locale.ROOT))
					? this.plugins.stream().filter((one) -> one.handlesType(type)).findFirst() : Optional.empty();
			return plugin.map((found) -> ask(found, type)).orElse(UNKNOWN);
		}
		catch (LinkageError | RuntimeException ex) {
			// a plug-in that fails here fails in Flyway's run, which says so
			return UNKNOWN;
		}
	}

	private static Known ask(AppliedMigration plugin, String type) {
		MigrationType known = plugin.create(1, null, type, type, type, null, null, null, 0, true).getType();
		if (!known.isUndo()) {
			return new Known(known.name(), Role.APPLIES);
		}
		// the community edition knows such a row, but not what it takes back
		return new Known(known.name(),
				plugin.getClass().getName().equals(COMMUNITY) ? Role.WITHOUT_EFFECT : Role.UNDOES);
	}

	private record Known(String name, Role role) {
	}

}
