package io.github.headlock.observation;

import java.util.List;

import io.github.headlock.LockHolder;
import io.github.headlock.SchemaStatus;
import org.jspecify.annotations.Nullable;

/**
 * Holds what one read found of a schema, its lock and the application's roles.
 *
 * @param status where the schema stands; unknown, with the reason, if it could not be
 * read
 * @param holder who holds the migration lock, {@code null} if nobody does or it could not
 * be read
 * @param blockedRoles names of the roles that a migration blocks; empty if they could not
 * be read
 * @param problem what could not be read, and why; {@code null} if everything was read
 */
record Sight(SchemaStatus status, @Nullable LockHolder holder, List<String> blockedRoles, @Nullable String problem) {

	static Sight of(SchemaStatus status) {
		return new Sight(status, null, List.of(), null);
	}

	static Sight nothing(String problem) {
		return new Sight(SchemaStatus.unknown(problem), null, List.of(), problem);
	}

}
