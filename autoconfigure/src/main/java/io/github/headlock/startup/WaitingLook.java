package io.github.headlock.startup;

import java.util.Optional;

import io.github.headlock.SchemaStatus;
import io.github.headlock.jdbc.MultiStatement.Result;
import io.github.headlock.lock.LockHolder;

/**
 * Holds what a process that waits reads at each try.
 *
 * @param status where the schema stands
 * @param rolesRecorded whether there is a record of blocked roles, which may be empty
 * @param standby whether it was read from a standby
 * @param holder who keeps the migration lock taken, empty if nobody does; to get it may
 * send a statement, and fails if the database refuses that
 */
record WaitingLook(SchemaStatus status, boolean rolesRecorded, boolean standby, Result<Optional<LockHolder>> holder) {
}
