package io.github.headlock.startup;

import java.util.List;
import java.util.stream.Stream;

import io.github.headlock.SchemaStatus;
import org.jspecify.annotations.Nullable;

/**
 * Holds what one look found of a schema and of the application's roles.
 *
 * @param status where the schema stands
 * @param blockedRoles names of the roles that are blocked, by a migration at work or by
 * one that did not restore them; the one name {@value #UNKNOWN} if there is a record that
 * cannot be read
 * @param problem what could not be read, and why; {@code null} if everything was read
 */
public record SchemaLook(SchemaStatus status, List<String> blockedRoles, @Nullable String problem) {

	/** In place of names that cannot be read. */
	static final String UNKNOWN = "unknown";

	/** The state of the first that is not ready, else that of the other; all roles. */
	SchemaLook join(SchemaLook other) {
		return new SchemaLook(this.status.state().isReady() ? other.status : this.status,
				Stream.concat(this.blockedRoles.stream(), other.blockedRoles.stream()).distinct().toList(),
				(this.problem != null) ? this.problem : other.problem);
	}

	SchemaLook with(SchemaStatus other) {
		return new SchemaLook(other, this.blockedRoles, this.problem);
	}

}
