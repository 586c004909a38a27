package io.github.headlock.history;

import java.util.Date;
import java.util.List;
import java.util.stream.Stream;

import io.github.headlock.history.HistoryRow.Role;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.extensibility.AppliedMigration;
import org.flywaydb.core.internal.schemahistory.BaseAppliedMigration;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Types of Flyway's history table, in the community edition and with a plug-in that
 * undoes migrations.
 */
class MigrationTypesTests {

	private final MigrationTypes community = MigrationTypes.of(Flyway.configure());

	private final MigrationTypes undoing = new MigrationTypes(List.of(new Undo(), new BaseAppliedMigration()));

	@Test
	void theCommunityEditionUndoesNothing() {
		assertThat(this.community.roleOf("UNDO_SCRIPT")).isEqualTo(Role.WITHOUT_EFFECT);
		assertThat(this.community.roleOf("UNDO_SQL")).isEqualTo(Role.UNKNOWN);
		assertThat(applied(this.community, "SQL", "UNDO_SCRIPT").versioned(MigrationVersion.fromVersion("1")))
			.isNotNull();
	}

	@Test
	void aTypeThatAPluginUndoesWithIsRecognized() {
		assertThat(this.undoing.roleOf("UNDO_SCRIPT")).isEqualTo(Role.UNDOES);
		assertThat(applied(this.undoing, "SQL", "UNDO_SCRIPT").versioned(MigrationVersion.fromVersion("1"))).isNull();
		assertThat(applied(this.undoing, "SQL", "UNDO_SCRIPT", "SQL").versioned(MigrationVersion.fromVersion("1")))
			.isNotNull();
	}

	@Test
	void aTypeHasItsPresentNameAndAnUnknownOneItsOwn() {
		assertThat(this.undoing.nameOf("SPRING_JDBC")).isEqualTo("JDBC");
		assertThat(this.community.nameOf("SQL_BASELINE")).isEqualTo("SQL_BASELINE");
		assertThat(this.community.nameOf("PYTHON")).isEqualTo("PYTHON");
		assertThat(new MigrationTypes(List.of()).roleOf("SQL")).as("of another Flyway").isEqualTo(Role.UNKNOWN);
		assertThat(this.undoing.roleOf("UNDO_BROKEN")).as("of a plug-in that fails").isEqualTo(Role.UNKNOWN);
	}

	private static AppliedMigrations applied(MigrationTypes types, String... rows) {
		return new AppliedMigrations(Stream.of(rows)
			.map((type) -> new HistoryRow(MigrationVersion.fromVersion("1"), "a", types.nameOf(type),
					types.roleOf(type), "a", 1, true, null))
			.toList());
	}

	/** As an edition with undo has one, and as later versions read an old type. */
	private static final class Undo extends BaseAppliedMigration {

		@Override
		public boolean handlesType(String type) {
			return type.startsWith("UNDO_") || type.equals("SPRING_JDBC");
		}

		@Override
		public AppliedMigration create(int installedRank, MigrationVersion version, String description, String type,
				String script, Integer checksum, Date installedOn, String installedBy, int executionTime,
				boolean success) {
			return new BaseAppliedMigration(installedRank, version, description, type.replace("SPRING_", ""), script,
					checksum, installedOn, installedBy, executionTime, success);
		}

	}

}
