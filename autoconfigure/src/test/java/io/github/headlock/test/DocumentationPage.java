package io.github.headlock.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A page of the documentation, whose code blocks a test takes one after the other, so
 * that none is left untested.
 */
public final class DocumentationPage {

	private static final Pattern BLOCK = Pattern.compile("```(\\w+)\n(.*?)\n```", Pattern.DOTALL);

	private final Map<String, Section> sections = new LinkedHashMap<>();

	private DocumentationPage(String text) {
		Arrays.stream(text.split("(?m)^## ")).skip(1).forEach((part) -> {
			int end = part.indexOf('\n');
			this.sections.put(part.substring(0, end), new Section(part.substring(end)));
		});
	}

	/** A page of the folder {@code docs}. */
	public static DocumentationPage read(String name) {
		try {
			return new DocumentationPage(Files.readString(Path.of("..", "docs", name)));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	public List<String> titles() {
		return List.copyOf(this.sections.keySet());
	}

	public Section section(String title) {
		return this.sections.get(title);
	}

	/**
	 * What stands under one heading.
	 */
	public static final class Section {

		private final Deque<String> sql = new ArrayDeque<>();

		private final Deque<String> log = new ArrayDeque<>();

		private Section(String text) {
			Matcher block = BLOCK.matcher(text);
			while (block.find()) {
				(block.group(1).equals("sql") ? this.sql : this.log).add(block.group(2));
			}
		}

		/** The next statement, with other names in it: old, new, old, new and so on. */
		public String nextSql(String... names) {
			String statement = this.sql.remove();
			for (int i = 0; i < names.length; i += 2) {
				statement = statement.replaceAll("\\b" + names[i] + "\\b", names[i + 1]);
			}
			return statement;
		}

		/** The next block that is no statement, as it stands. */
		public String nextBlock() {
			return this.log.remove();
		}

		/** What matches the next quoted log line, in which three dots are anything. */
		public Pattern nextLog(String... names) {
			String line = nextBlock();
			for (int i = 0; i < names.length; i += 2) {
				line = line.replaceAll("\\b" + names[i] + "\\b", names[i + 1]);
			}
			return Pattern.compile(
					Arrays.stream(line.split("\\.\\.\\.", -1)).map(Pattern::quote).collect(Collectors.joining(".+")));
		}

		/** What no test has taken. */
		public List<String> rest() {
			List<String> rest = new ArrayList<>(this.log);
			rest.addAll(this.sql);
			return rest;
		}

	}

}
