package io.github.headlock.jdbc;

import java.util.Properties;
import java.util.regex.Pattern;

import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Bounds how long the driver takes to connect. A server that cannot be reached is known
 * as such before one that does not answer; and only with a login timeout can the wait be
 * interrupted.
 */
final class DriverTimeouts {

	private static final Pattern SECONDS = Pattern.compile("[1-9]\\d{0,5}");

	/** Seconds, for each host. */
	private static final int CONNECT = 5;

	/** Seconds, for the login after that. */
	private static final int LOGIN = 5;

	private DriverTimeouts() {
	}

	/**
	 * Adds the timeouts that are not set.
	 * @param properties the driver's properties
	 * @param url the JDBC URL, whose parameters outweigh the properties
	 */
	static void addTo(Properties properties, String url) {
		properties.putIfAbsent(PGProperty.CONNECT_TIMEOUT.getName(), String.valueOf(CONNECT));
		Properties effective = Driver.parseURL(url, properties);
		String seconds = (effective != null) ? PGProperty.CONNECT_TIMEOUT.getOrDefault(effective) : null;
		int connect = (seconds != null && SECONDS.matcher(seconds).matches()) ? Integer.parseInt(seconds) : CONNECT;
		properties.putIfAbsent(PGProperty.LOGIN_TIMEOUT.getName(),
				String.valueOf(LOGIN + connect * Math.max(1, HostList.urls(url).size())));
	}

}
