package io.github.headlock.sample.parcel;

import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/**
 * Thrown when a request names a depot that does not exist.
 */
class UnknownDepotException extends ResponseStatusException {

	private static final long serialVersionUID = 1L;

	UnknownDepotException(String code) {
		super(HttpStatus.BAD_REQUEST, "origin: there is no depot " + code);
	}

}
