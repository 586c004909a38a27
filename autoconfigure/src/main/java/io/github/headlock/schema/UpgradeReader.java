package io.github.headlock.schema;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

import io.github.headlock.SchemaState;
import io.github.headlock.history.AppliedMigrations;
import io.github.headlock.history.History;
import io.github.headlock.history.HistoryReader;
import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.schema.FailedMigrationException.FailedRow;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Finds out, under the migration lock, what an upgrade to this release is about: its
 * versions, what its scripts say to Headlock, and what has failed.
 */
public final class UpgradeReader {

	private final Configuration configuration;

	private final HistoryReader history;

	private final @Nullable ReleaseComparison listing;

	private final String problem;

	UpgradeReader(Configuration configuration, HistoryReader history, @Nullable ReleaseComparison listing,
			String problem) {
		this.configuration = configuration;
		this.history = history;
		this.listing = listing;
		this.problem = problem;
	}

	/**
	 * Finds the repeatable migrations that were never applied, to be applied alone.
	 * @param connection the connection to look through
	 * @return the migrations
	 * @throws SQLException if the history cannot be read
	 * @throws FlywayException if the migrations of this release cannot be listed
	 */
	public NewRepeatables newRepeatables(Connection connection) throws SQLException {
		ReleaseComparison listed = listing("New repeatable migrations cannot be determined");
		History rows = this.history.read(connection);
		return new NewRepeatables(listed.release(), listed.head().newRepeatables(rows),
				new AppliedMigrations(rows.rows()).failed());
	}

	/**
	 * Finds the rows for which the state is {@link SchemaState#FAILED}.
	 * @param connection the connection to look through
	 * @return the rows; empty if the state is another one
	 * @throws SQLException if the history cannot be read
	 */
	public List<FailedRow> failedRows(Connection connection) throws SQLException {
		return listing("Failed migrations cannot be determined").head()
			.compare(this.history.read(connection))
			.failedRows();
	}

	/**
	 * Makes sure that the migrations of this release can be listed.
	 * @param consequence what cannot be done otherwise, without a full stop
	 * @throws FlywayException if they cannot
	 */
	public void ensureListed(String consequence) {
		listing(consequence);
	}

	private ReleaseComparison listing(String consequence) {
		if (this.listing == null) {
			throw new FlywayException(consequence + ". " + this.problem);
		}
		return this.listing;
	}

	/**
	 * Finds out what this release would do to the versions of the schema. May be called
	 * in a transaction, which stays usable.
	 * @param connection the connection to look through
	 * @return the upgrade
	 * @throws SQLException if the history cannot be read
	 * @throws FlywayException if the migrations of this release cannot be listed
	 */
	public Upgrade upgrade(Connection connection) throws SQLException {
		ReleaseComparison listed = listing("The upgrade path cannot be checked");
		History rows = this.history.read(connection);
		MigrationVersion assumed = rows.exists() ? null : this.history.assumedVersion(connection);
		return listed.upgrade().compare(new AppliedMigrations(rows.rows()), assumed);
	}

	/**
	 * Finds what the scripts of an upgrade say to Headlock.
	 * @param connection the connection to look through
	 * @return the upgrade and the lines; empty if no script says anything, or the
	 * migrations of this release cannot be listed
	 * @throws SQLException if the history cannot be read
	 */
	public Optional<UpgradeDirectives> directives(Connection connection) throws SQLException {
		ReleaseComparison listed = this.listing;
		if (listed == null || !listed.release().scripts().mayHaveDirectives()) {
			return Optional.empty();
		}
		DirectiveReader reader = new DirectiveReader(this.configuration, listed.release());
		try {
			AppliedMigrations applied = new AppliedMigrations(this.history.read(connection).rows());
			Upgrade upgrade = upgrade(connection).withPending((version) -> isToBeApplied(version, applied));
			List<Directive> lines = reader.read(upgrade.pending());
			return lines.isEmpty() ? Optional.empty() : Optional.of(new UpgradeDirectives(upgrade, lines));
		}
		catch (SQLException ex) {
			if (ConnectionFailure.mayPass(ex) || !listed.release().directives(this.configuration).isEmpty()) {
				throw ex;
			}
			// Flyway reads it, or refuses it
			return Optional.empty();
		}
	}

	/**
	 * Finds what the scripts of this release say to Headlock, whether they are applied or
	 * not.
	 * @return the lines, empty if the migrations cannot be listed
	 */
	public Optional<List<Directive>> allDirectives() {
		return Optional.ofNullable(this.listing)
			.map(ReleaseComparison::release)
			.map((release) -> release.directives(this.configuration));
	}

	/** What is above the target, or below what is applied, Flyway leaves out. */
	private boolean isToBeApplied(MigrationVersion version, AppliedMigrations applied) {
		MigrationVersion reached = applied.reached();
		return Target.of(this.configuration).leavingOut(version, applied) == null
				&& (this.configuration.isOutOfOrder() || reached == null || version.compareTo(reached) > 0);
	}

}
