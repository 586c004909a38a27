package io.github.headlock.schema;

import java.util.List;

import org.flywaydb.core.api.CoreMigrationType;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.executor.Context;
import org.flywaydb.core.api.executor.MigrationExecutor;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.flywaydb.core.extensibility.MigrationType;
import org.flywaydb.core.internal.jdbc.Results;
import org.jspecify.annotations.Nullable;

/**
 * An SQL migration that is only listed, not run.
 */
final class ListedMigration implements ResolvedMigration {

	private final @Nullable MigrationVersion version;

	private final String description;

	private final String script;

	private final int checksum;

	/**
	 * Creates it.
	 * @param version the version, {@code null} for a repeatable migration
	 * @param description the description
	 * @param script path of the script below its location
	 * @param checksum the checksum
	 */
	ListedMigration(@Nullable MigrationVersion version, String description, String script, int checksum) {
		this.version = version;
		this.description = description;
		this.script = script;
		this.checksum = checksum;
	}

	@Override
	@SuppressWarnings("NullAway") // null for a repeatable migration, as Flyway has it
	public MigrationVersion getVersion() {
		return this.version;
	}

	@Override
	public String getDescription() {
		return this.description;
	}

	@Override
	public String getScript() {
		return this.script;
	}

	@Override
	public Integer getChecksum() {
		return this.checksum;
	}

	@Override
	public MigrationType getType() {
		return CoreMigrationType.SQL;
	}

	@Override
	public String getPhysicalLocation() {
		return this.script;
	}

	@Override
	public MigrationExecutor getExecutor() {
		return NoExecutor.INSTANCE;
	}

	@Override
	public boolean checksumMatches(@Nullable Integer applied) {
		return applied != null && applied == this.checksum;
	}

	@Override
	public boolean checksumMatchesWithoutBeingIdentical(@Nullable Integer applied) {
		return false;
	}

	/** For scripts without settings of their own, which are all to be executed. */
	private enum NoExecutor implements MigrationExecutor {

		INSTANCE;

		@Override
		public List<Results> execute(Context context) {
			throw new IllegalStateException("Migrations are only listed here, not run");
		}

		@Override
		public boolean canExecuteInTransaction() {
			throw new IllegalStateException("Migrations are only listed here, not parsed");
		}

		@Override
		public boolean shouldExecute() {
			return true;
		}

	}

}
