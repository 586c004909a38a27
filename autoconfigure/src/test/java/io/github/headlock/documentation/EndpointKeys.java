package io.github.headlock.documentation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.headlock.actuate.HeadlockEndpoint;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The keys of the endpoint, with what their Javadoc says.
 */
final class EndpointKeys {

	private final List<List<String>> rows = new ArrayList<>();

	private final String source;

	private EndpointKeys() throws IOException {
		Path file = Path.of("src/main/java", HeadlockEndpoint.class.getName().replace('.', '/') + ".java");
		this.source = Files.readString(file).replaceAll("\\s+\\*(?!/)", " ").replaceAll("\\s+", " ");
	}

	/** A row for each: the key, and its meaning. */
	static List<List<String>> rows() {
		try {
			EndpointKeys keys = new EndpointKeys();
			keys.add("", HeadlockEndpoint.Description.class);
			return keys.rows;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void add(String prefix, Class<?> type) {
		for (RecordComponent component : type.getRecordComponents()) {
			String key = prefix + component.getName();
			Type shown = component.getGenericType();
			boolean list = shown instanceof ParameterizedType;
			Class<?> element = (Class<?>) ((shown instanceof ParameterizedType of) ? of.getActualTypeArguments()[0]
					: shown);
			String meaning = meaning(type, component.getName());
			// what is always there has its meaning from its parts
			if (list || !element.isRecord() || meaning.contains("left out")) {
				this.rows.add(List.of("`%s`".formatted(key), meaning));
			}
			if (element.isRecord()) {
				add(key + (list ? "[n]." : "."), element);
			}
		}
	}

	private String meaning(Class<?> type, String component) {
		int end = this.source.indexOf("public record " + type.getSimpleName() + "(");
		String comment = this.source.substring(this.source.lastIndexOf("/**", end), end);
		Matcher text = Pattern.compile("@param " + component + " (.*?) (?=@param|\\*/)").matcher(comment);
		assertThat(text.find()).as("the Javadoc of %s.%s", type.getSimpleName(), component).isTrue();
		return text.group(1).replace("{@code null}", "left out").replaceAll("\\{@code (\\w+)}", "`$1`");
	}

}
