package io.github.headlock.jdbc;

import java.util.Properties;
import java.util.regex.Pattern;

import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Chooses which of several hosts the driver takes. What the application has chosen is
 * kept.
 */
final class TargetServer {

	private static final String TYPE = PGProperty.TARGET_SERVER_TYPE.getName();

	/** Values with which a standby is taken, if there is one. */
	private static final Pattern OTHERS = Pattern.compile("any|.*(secondary|slave).*", Pattern.CASE_INSENSITIVE);

	private final String url;

	private final Properties properties;

	/** Whether the value in the properties is this one's. */
	private boolean chosenHere;

	/**
	 * Creates it.
	 * @param url the JDBC URL, whose parameters outweigh the properties
	 * @param properties the driver's properties, which are changed
	 */
	TargetServer(String url, Properties properties) {
		this.url = url;
		this.properties = properties;
	}

	/**
	 * Has the driver look for a primary from now on, and take a standby only if there is
	 * none.
	 * @return whether another connection may reach a primary; {@code false} if there is
	 * one host, or any host or standbys are asked for
	 */
	boolean preferPrimary() {
		return choose("preferPrimary");
	}

	/**
	 * Has the driver take nothing but the primary from now on, because a primary was
	 * seen.
	 */
	void requirePrimary() {
		choose("primary");
	}

	private boolean choose(String type) {
		if (HostList.urls(this.url).isEmpty()) {
			return false;
		}
		if (this.chosenHere || this.properties.getProperty(TYPE) == null) {
			this.chosenHere = true;
			this.properties.setProperty(TYPE, type);
		}
		Properties effective = Driver.parseURL(this.url, this.properties);
		return effective == null || !OTHERS.matcher(effective.getProperty(TYPE, "")).matches();
	}

}
