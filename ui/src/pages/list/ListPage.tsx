import { useParams } from 'react-router';
import { useModel } from '@/api/meta';
import { NotThere } from '@/part/Refusal';
import { RecordList } from './RecordList';
import './list.css';

/** The list of any record type, by its plural in the address. */
export default function ListPage() {
  const { plural } = useParams();
  const entity = useModel().plural(plural);
  return entity ? <RecordList key={entity.name} entity={entity} /> : <NotThere />;
}
