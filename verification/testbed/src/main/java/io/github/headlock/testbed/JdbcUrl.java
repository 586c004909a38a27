package io.github.headlock.testbed;

/**
 * Adds parameters to URLs that may have some already.
 */
public final class JdbcUrl {

	private JdbcUrl() {
	}

	/**
	 * Adds parameters.
	 * @param url a JDBC URL
	 * @param parameters each one's name and value, such as {@code ApplicationName=shop}
	 * @return the URL with these parameters at its end
	 */
	public static String with(String url, String... parameters) {
		StringBuilder text = new StringBuilder(url);
		for (String parameter : parameters) {
			text.append((text.indexOf("?") < 0) ? '?' : '&').append(parameter);
		}
		return text.toString();
	}

}
