package io.github.headlock.schema;

import java.util.List;
import java.util.function.Predicate;

import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * Describes what this release would do to the versions of a schema.
 *
 * @param current highest version the schema has, {@code null} if it is empty
 * @param head highest version this release contains, {@code null} if it contains none
 * @param removed what is applied, not above the head, and not contained in this release
 * any more
 * @param rerunsBaseline whether Flyway would run a baseline migration although the schema
 * is not empty, because every record of it was deleted by a repair
 * @param pending what this release contains and the schema lacks; without what a baseline
 * stands for
 */
public record Upgrade(@Nullable MigrationVersion current, @Nullable MigrationVersion head,
		List<VersionedMigration> removed, boolean rerunsBaseline, List<VersionedMigration> pending) {

	/** The same, without some of what is pending. */
	Upgrade withPending(Predicate<MigrationVersion> kept) {
		return new Upgrade(this.current, this.head, this.removed, this.rerunsBaseline,
				this.pending.stream().filter((migration) -> kept.test(migration.order())).toList());
	}

}
