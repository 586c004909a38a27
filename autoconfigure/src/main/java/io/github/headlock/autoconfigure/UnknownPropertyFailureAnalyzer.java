package io.github.headlock.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Explains a property under {@code headlock} that does not exist, in plainer words than
 * Spring Boot's own analysis, which is asked next for other properties.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class UnknownPropertyFailureAnalyzer extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
		List<String> properties = cause.getUnboundProperties()
			.stream()
			.filter((property) -> property.getName().toString().startsWith("headlock."))
			.map(UnknownPropertyFailureAnalyzer::describe)
			.toList();
		return properties.isEmpty() ? null
				: new FailureAnalysis("Headlock has no such property: " + String.join(", ", properties) + ".",
						"Correct the name or remove the property.", cause);
	}

	private static String describe(ConfigurationProperty property) {
		return (property.getOrigin() != null) ? property.getName() + " (" + property.getOrigin() + ")"
				: property.getName().toString();
	}

}
