package io.github.headlock.actuate;

import java.util.List;

import io.github.headlock.SchemaStatus;
import io.github.headlock.background.BackgroundStatus;
import io.github.headlock.lock.LockHolder;
import io.github.headlock.startup.SchemaLook;
import org.jspecify.annotations.Nullable;

/**
 * Holds what one read found of a schema, its lock and the application's roles.
 *
 * @param status where the schema stands; unknown, with the reason, if it could not be
 * read
 * @param holder who holds the migration lock, {@code null} if nobody does or it could not
 * be read
 * @param blockedRoles names of the roles that a migration blocks; empty also if nothing
 * could be read
 * @param background the background migrations; none also where they were not asked for
 * @param problem what could not be read, and why; that it was read from a standby, which
 * does not show the lock of its primary; {@code null} if everything was read
 */
record SchemaSnapshot(SchemaStatus status, @Nullable LockHolder holder, List<String> blockedRoles,
		List<BackgroundStatus> background, @Nullable String problem) {

	static SchemaSnapshot of(SchemaLook look) {
		return new SchemaSnapshot(look.status(), null, look.blockedRoles(), List.of(), look.problem());
	}

	static SchemaSnapshot nothing(String problem) {
		return new SchemaSnapshot(SchemaStatus.unknown(problem), null, List.of(), List.of(), problem);
	}

}
