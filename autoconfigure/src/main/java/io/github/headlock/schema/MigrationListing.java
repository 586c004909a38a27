package io.github.headlock.schema;

import java.util.Optional;

import io.github.headlock.PrintableText;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ServerFacts;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Lists the migrations of a release before there is a connection, which would be open all
 * that time.
 */
public final class MigrationListing {

	/** Which only placeholders in texts refer to. */
	private static final ServerFacts ANY_SERVER = new ServerFacts("PostgreSQL", "public", "any", null, "any", false,
			false);

	private final Configuration configuration;

	private final boolean migrates;

	/** Null if they cannot be listed. */
	private final @Nullable ReleaseMigrations release;

	private final String problem;

	private MigrationListing(Configuration configuration, boolean migrates, @Nullable ReleaseMigrations release,
			String problem) {
		this.configuration = configuration;
		this.migrates = migrates;
		this.release = release;
		this.problem = problem;
	}

	/**
	 * Lists the migrations. If they cannot be listed, whoever asks for them is told why.
	 * @param configuration Flyway's configuration
	 * @param migrates whether this process may migrate; if not, another one, with another
	 * role and other placeholders, has
	 * @return the migrations
	 * @throws InvalidConfigurationPropertyValueException if the history table has an
	 * impossible name
	 */
	public static MigrationListing of(Configuration configuration, boolean migrates) {
		return of(configuration, migrates, HistoryTable.of(configuration, ANY_SERVER), ANY_SERVER);
	}

	private static MigrationListing of(Configuration configuration, boolean migrates, HistoryTable table,
			ServerFacts server) {
		try {
			Optional<ReleaseMigrations> plain = SqlFileScan.of(configuration);
			if (plain.isPresent()) {
				return new MigrationListing(configuration, migrates, plain.get(), "");
			}
			return new MigrationListing(configuration, migrates,
					MigrationScan.of(configuration, table, server, migrates), "");
		}
		catch (LinkageError | RuntimeException ex) {
			// Flyway's own run meets the same problem and reports it in its own words; a
			// LinkageError means another Flyway, which decides without this listing
			return new MigrationListing(configuration, migrates, null,
					"The migrations cannot be listed: " + PrintableText.line(ex.toString()));
		}
	}

	/** Lists the migrations, or fails as Flyway does. */
	static ReleaseMigrations scan(Configuration configuration, boolean migrates) {
		return MigrationScan.of(configuration, HistoryTable.of(configuration, ANY_SERVER), ANY_SERVER, migrates);
	}

	/**
	 * Returns whether the texts of repeatable migrations refer to the server, so that
	 * they are to be listed once more when it is known.
	 * @return {@code false} if this listing is complete
	 */
	public boolean refersToServer() {
		return this.release != null && this.release.scripts().referToServer();
	}

	/**
	 * Lists the migrations for a server.
	 * @param table the history table
	 * @param server the facts of the server
	 * @return this listing if it does not refer to the server
	 */
	public MigrationListing on(HistoryTable table, ServerFacts server) {
		return refersToServer() ? of(this.configuration, this.migrates, table, server) : this;
	}

	/** The migrations, empty if they cannot be listed. */
	Optional<ReleaseMigrations> release() {
		return Optional.ofNullable(this.release);
	}

	/** Why they cannot be listed, empty if they can. */
	String problem() {
		return this.problem;
	}

}
