package io.github.headlock.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.PrintableText;
import io.github.headlock.roles.BlockMode;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Sessions of the application during a migration.
 */
public class SessionsProperties {

	/**
	 * Names of the application's database roles, as PostgreSQL stores them and without
	 * quotes. New sessions of theirs are refused during a migration, and the present ones
	 * are waited for.
	 */
	private List<String> roles = new ArrayList<>();

	/**
	 * Longest wait for the sessions of the blocked roles to end.
	 */
	private Duration drainTimeout = Duration.ofMinutes(1);

	/**
	 * How new sessions of the roles are refused.
	 */
	private BlockMode blockWith = BlockMode.NOLOGIN;

	/** Creates the properties with their defaults. */
	public SessionsProperties() {
	}

	/**
	 * {@return the names of the database roles to block during a migration}
	 */
	public List<String> getRoles() {
		return this.roles;
	}

	/**
	 * Sets the database roles to block during a migration.
	 * @param roles their names, as PostgreSQL stores them and without quotes
	 * @throws InvalidConfigurationPropertyValueException if one is empty or has a NUL
	 * character
	 */
	public void setRoles(List<String> roles) {
		if (roles.stream().anyMatch(String::isBlank)) {
			throw new InvalidConfigurationPropertyValueException("headlock.sessions.roles", roles,
					"A name of a role is empty.");
		}
		if (roles.stream().anyMatch((role) -> role.indexOf('\0') >= 0)) {
			throw new InvalidConfigurationPropertyValueException("headlock.sessions.roles",
					roles.stream().map(PrintableText::name).toList(), "PostgreSQL has no names with a NUL character.");
		}
		this.roles = roles;
	}

	/**
	 * {@return the longest wait for the sessions of the blocked roles to end}
	 */
	public Duration getDrainTimeout() {
		return this.drainTimeout;
	}

	/**
	 * Sets the longest wait for the sessions of the blocked roles to end.
	 * @param drainTimeout the bound, from 1 ms to 365 days
	 * @throws InvalidConfigurationPropertyValueException if it is shorter or longer
	 */
	public void setDrainTimeout(Duration drainTimeout) {
		this.drainTimeout = DurationBounds.MILLISECOND_TO_YEAR.check("headlock.sessions.drain-timeout", drainTimeout);
	}

	/**
	 * {@return how new sessions of the roles are refused}
	 */
	public BlockMode getBlockWith() {
		return this.blockWith;
	}

	/**
	 * Sets how new sessions of the roles are refused.
	 * @param blockWith whether by NOLOGIN or by REVOKE CONNECT
	 */
	public void setBlockWith(BlockMode blockWith) {
		this.blockWith = blockWith;
	}

}
