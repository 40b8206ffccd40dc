import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A small piece of state that an adapter keeps with its connection, encrypted. See `ConnectionStates`. */
@Entity({ name: 'connection_states' })
export class ConnectionState {
  @PrimaryColumn('uuid')
  connectionId: string;

  @PrimaryColumn('text')
  name: string;

  /** Envelope of `libs/core`. */
  @Column('text')
  value: string;
}
