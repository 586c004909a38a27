package io.github.headlock.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes results between markers of a page that is written by hand otherwise.
 *
 * @param file the page
 */
record Page(Path file) {

	/**
	 * Replaces what stands between the markers of a name.
	 * @throws IllegalStateException if the page has no such markers
	 */
	void replace(String name, String content) throws IOException {
		String begin = "<!-- generated: " + name + " -->\n";
		String end = "<!-- end of " + name + " -->\n";
		String page = Files.readString(this.file);
		Matcher between = Pattern.compile(Pattern.quote(begin) + ".*?" + Pattern.quote(end), Pattern.DOTALL)
			.matcher(page);
		if (!between.find()) {
			throw new IllegalStateException(this.file + " has no " + begin + "... " + end);
		}
		Files.writeString(this.file, page.substring(0, between.start()) + begin + "\n" + content.strip() + "\n\n" + end
				+ page.substring(between.end()));
	}

}
