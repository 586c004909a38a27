package io.github.headlock.roles;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

/**
 * Holds what a team decides about the application's sessions during a migration.
 *
 * @param roles names of the roles to block; empty for the application's own role if
 * sessions are to be terminated, else for none
 * @param terminate whether sessions are terminated; if not, they are waited for
 * @param drainTimeout longest wait for the sessions to end
 * @param blockWith how new sessions are kept out
 * @param application where the application gets its connections from, to find out its
 * role; supplies {@code null} if there is not exactly one data source
 */
public record SessionSettings(List<String> roles, boolean terminate, Duration drainTimeout, BlockMode blockWith,
		Supplier<@Nullable DataSource> application) {

	/**
	 * Copies the list, without repetitions.
	 * @param roles names of the roles to block, with or without repetitions
	 * @param terminate whether sessions are terminated
	 * @param drainTimeout longest wait for the sessions to end
	 * @param blockWith how new sessions are kept out
	 * @param application where the application gets its connections from
	 */
	public SessionSettings {
		roles = roles.stream().distinct().toList();
	}

	/**
	 * Returns whether migrations concern sessions at all.
	 * @return {@code false} if no role is ever blocked
	 */
	public boolean isActive() {
		return this.terminate || !this.roles.isEmpty();
	}

}
