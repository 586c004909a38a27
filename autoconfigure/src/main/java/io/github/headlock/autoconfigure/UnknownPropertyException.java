package io.github.headlock.autoconfigure;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

import io.github.headlock.HeadlockException;

/**
 * Thrown when properties under {@code headlock} have names that are almost, but not,
 * those of properties that exist.
 */
final class UnknownPropertyException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final WrongName[] names;

	UnknownPropertyException(List<WrongName> names) {
		super(1, "Headlock has no such property: "
				+ names.stream().map(WrongName::place).collect(Collectors.joining(", ")) + ".", null);
		this.names = names.toArray(WrongName[]::new);
	}

	@Override
	public String getAction() {
		return "Correct the name or remove the property. Probably meant: " + String.join(", ", meant()) + ".";
	}

	List<String> meant() {
		return Arrays.stream(this.names).map(WrongName::meant).distinct().toList();
	}

	/**
	 * A name that no property has.
	 *
	 * @param place the name, and where it stands
	 * @param meant the name that was probably meant
	 */
	record WrongName(String place, String meant) implements Serializable {
	}

}
