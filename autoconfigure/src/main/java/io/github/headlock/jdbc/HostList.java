package io.github.headlock.jdbc;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes the URL of several hosts apart. The driver goes through them and tells of the
 * last one only, so that its error depends on their order.
 */
final class HostList {

	private static final Pattern URL = Pattern.compile("(jdbc:postgresql://)([^/?]*)(.*)", Pattern.DOTALL);

	private HostList() {
	}

	/**
	 * Finds the URLs of the hosts.
	 * @param url a JDBC URL
	 * @return an URL for each host, otherwise the same; none if there is one host only
	 */
	static List<String> urls(String url) {
		Matcher parts = URL.matcher(url);
		if (!parts.matches() || !parts.group(2).contains(",")) {
			return List.of();
		}
		return Arrays.stream(parts.group(2).split(",")).map((host) -> parts.group(1) + host + parts.group(3)).toList();
	}

}
