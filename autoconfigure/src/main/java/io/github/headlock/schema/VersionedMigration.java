package io.github.headlock.schema;

import java.io.Serializable;

import io.github.headlock.PrintableText;
import org.flywaydb.core.api.MigrationVersion;

/**
 * Names a versioned migration.
 *
 * @param version its version as text, compared by {@link #order()}
 * @param description its description
 */
public record VersionedMigration(String version, String description) implements Serializable {

	/**
	 * Returns the version as Flyway compares it.
	 * @return the version
	 */
	public MigrationVersion order() {
		return MigrationVersion.fromVersion(this.version);
	}

	@Override
	public String toString() {
		return "version " + PrintableText.name(this.version) + " (" + PrintableText.name(this.description) + ")";
	}

}
